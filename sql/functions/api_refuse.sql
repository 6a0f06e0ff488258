-- A second person's decision on a request (SEMANTICS section 6, "Requests"): nothing of it comes into force. A refused short closing takes its need back.
CREATE OR REPLACE FUNCTION api.refuse(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  q capa.request;
  redaction jsonb;
BEGIN
  PERFORM capa.check_call('refuse', principal, params);
  IF capa.batch_number(params ->> 'ref') IS NOT NULL THEN
    RETURN capa.finish(principal, actor, params, capa.batch_decide(principal, actor, params, false));
  END IF;
  redaction := capa.redaction_decide(principal, actor, params, false);
  IF redaction IS NOT NULL THEN
    RETURN capa.finish(principal, actor, params, redaction);
  END IF;
  PERFORM capa.decide_lock((capa.reference(params ->> 'ref')).nc);
  n := capa.begin_change('refuse', principal, params);
  q := capa.request_named(n, params, principal, actor, 'refuse');
  PERFORM capa.decide(q, false, actor, capa.param_text(params, 'reason'));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
