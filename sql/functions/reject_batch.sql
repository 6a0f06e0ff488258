-- Makes a batch of what a rule raised since a moment and is open still, or of the NCs given, and gives the result of the method.
CREATE OR REPLACE FUNCTION capa.reject_batch(params jsonb, reason_ text, suppress_ jsonb, who text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  rule_ text := capa.param_text(params, 'rule', 200);
  since_ timestamptz := capa.param_moment(params, 'since', capa.policy_default() -> 'calendar', true);
  given text[] := capa.param_list(params, 'nc');
  ncs_ int[];
  flaw record;
  id_ int;
BEGIN
  IF rule_ IS NOT NULL AND given IS NOT NULL THEN
    PERFORM capa.fail('invalid', 'Either "nc" or "rule" says which: not both.');
  ELSIF rule_ IS NOT NULL AND since_ IS NULL THEN
    PERFORM capa.fail('invalid', '"rule" needs "since": from when on what it raised is to be rejected.', NULL,
      format('capactl reject --rule %s --since 2d --reason TEXT', rule_));
  ELSIF rule_ IS NULL AND given IS NULL THEN
    PERFORM capa.fail('invalid', 'A batch needs "nc", a list, or "rule" and "since".');
  END IF;
  IF rule_ IS NOT NULL THEN
    ncs_ := ARRAY(SELECT n.id FROM capa.nc n WHERE n.rule = rule_ AND n.raised_at >= since_ AND NOT capa.has_left(n.state)
                    AND n.state <> 'accepted' AND n.issuer IS NULL AND n.restricted IS NOT TRUE ORDER BY n.id);
    IF cardinality(ncs_) = 0 THEN
      PERFORM capa.fail('refused', format('Rule "%s" has raised nothing since %s that is open.', rule_, capa.rfc3339(since_)), NULL,
        format('capactl list --all --rule %s shows what it raised.', rule_));
    END IF;
  ELSE
    ncs_ := ARRAY(SELECT DISTINCT (capa.reference(g)).nc FROM unnest(given) g ORDER BY 1);
    SELECT * INTO flaw FROM capa.nc n WHERE n.id = ANY (ncs_)
      AND (capa.has_left(n.state) OR n.state = 'accepted' OR n.issuer IS NOT NULL OR n.restricted) ORDER BY n.id LIMIT 1;
    IF FOUND THEN
      PERFORM capa.fail('refused', format('NC-%s cannot be in a batch: it is %s.', flaw.id,
        CASE WHEN flaw.issuer IS NOT NULL THEN 'a finding of ' || flaw.issuer WHEN flaw.restricted THEN 'restricted' ELSE flaw.state END));
    END IF;
  END IF;
  IF cardinality(ncs_) > 5000 THEN
    PERFORM capa.fail('too_big', format('A batch holds 5000 at most, these are %s.', cardinality(ncs_)), NULL, 'Give a later "since".');
  END IF;
  id_ := capa.batch_put(ncs_, rule_, reason_, jsonb_strip_nulls(jsonb_build_object('suppress', suppress_, 'since', capa.rfc3339(since_))), who);
  RETURN (SELECT jsonb_build_object('ref', 'B-' || id_, 'state', b.state, 'batch', capa.batch_object(b), 'missing', '[]'::jsonb,
      'sentence', capa.request_sentence(q), 'next', jsonb_build_array(jsonb_build_object('sentence', capa.request_sentence(q), 'command', capa.request_command(q))))
    || capa.request_result(q.id)
    FROM capa.batch b JOIN capa.request q ON q.batch = b.id WHERE b.id = id_);
END $$;
