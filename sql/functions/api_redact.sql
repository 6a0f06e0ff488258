-- Asks for the removal of content for good: of an NC all its texts, evidence and events; of a piece of evidence or an event its
-- bytes. A second person approves (request kind redaction); then the chain still verifies, and says what is gone and why.
CREATE OR REPLACE FUNCTION api.redact(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  t record;
  reason_ text;
  request_ int;
  sentence_ text;
  result jsonb;
BEGIN
  PERFORM capa.check_call('redact', principal, params);
  t := capa.redact_target(params ->> 'ref');
  reason_ := capa.param_text(params, 'reason');
  IF t.nc IS NOT NULL THEN
    n := capa.begin_change('redact', principal, params || jsonb_build_object('ref', 'NC-' || t.nc));
  END IF;
  PERFORM capa.redaction_check(t.kind, t.number);
  IF EXISTS (SELECT FROM capa.request q WHERE q.kind = 'redaction' AND q.state = 'open' AND q.ref = t.ref) THEN
    PERFORM capa.fail('refused', format('The redaction of %s waits for approval already.', t.ref), NULL,
      format('Somebody else decides: capactl approve %s, or capactl refuse %1$s REASON.', t.ref));
  END IF;
  request_ := capa.request_put(n, 'redaction', t.ref, ARRAY[actor], NULL,
                               jsonb_build_object('kind', t.kind, 'number', t.number), reason_);
  sentence_ := format('redaction of %s asked for: %s', t.ref, reason_);
  IF t.nc IS NULL THEN
    PERFORM capa.tell('evidence.changed', 'redact', NULL, NULL, jsonb_build_object('what', 'redact', 'sentence', sentence_));
    result := jsonb_build_object('ref', t.ref) || capa.request_result(request_);
  ELSE
    PERFORM capa.changed(n.id, 'nc.changed', 'redact', 'NC-' || n.id, sentence_);
    result := capa.result(n.id, capa.request_result(request_) || jsonb_build_object('warnings', capa.redaction_warnings(t.kind, n.id, t.ref)));
  END IF;
  RETURN capa.finish(principal, actor, params, result);
END $$;
