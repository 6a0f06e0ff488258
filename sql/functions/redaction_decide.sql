-- approve and refuse of a redaction that is asked for by evidence or event (EV-3, EVENT-123): such a reference names nothing else
-- that waits for a decision. Null if the reference is of another kind.
CREATE OR REPLACE FUNCTION capa.redaction_decide(principal jsonb, actor text, params jsonb, approved boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  t record;
  n capa.nc;
  q capa.request;
  bar record;
BEGIN
  IF coalesce(params ->> 'ref', '') !~* '^\s*(EV|EVENT)[-:]' THEN
    RETURN NULL;
  END IF;
  t := capa.redact_target(params ->> 'ref');
  IF t.nc IS NOT NULL THEN
    n := capa.begin_change(CASE WHEN approved THEN 'approve' ELSE 'refuse' END, principal, params || jsonb_build_object('ref', 'NC-' || t.nc));
  END IF;
  SELECT * INTO q FROM capa.request x WHERE x.kind = 'redaction' AND x.ref = t.ref AND x.state = 'open' FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM capa.fail('refused', format('No redaction of %s waits for a decision.', t.ref), NULL, 'capactl approvals lists what does.');
  END IF;
  bar := capa.decision_bar(q, principal, actor);
  IF bar.why IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s: %s.', capa.first_up(bar.why), capa.request_sentence(q)), NULL,
      'Ask somebody else to run: ' || capa.request_command(q));
  END IF;
  PERFORM capa.decide(q, approved, actor, capa.param_text(params, CASE WHEN approved THEN 'text' ELSE 'reason' END));
  RETURN CASE WHEN t.nc IS NULL THEN jsonb_build_object('ref', t.ref) ELSE capa.result(t.nc) END;
END $$;
