-- A second person's decision on a request (SEMANTICS section 6, "Requests"): what it asks for is in force now.
CREATE OR REPLACE FUNCTION api.approve(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  q capa.request;
  redaction jsonb;
BEGIN
  PERFORM capa.check_call('approve', principal, params);
  IF capa.batch_number(params ->> 'ref') IS NOT NULL THEN
    RETURN capa.finish(principal, actor, params, capa.batch_decide(principal, actor, params, true));
  END IF;
  redaction := capa.redaction_decide(principal, actor, params, true);
  IF redaction IS NOT NULL THEN
    RETURN capa.finish(principal, actor, params, redaction);
  END IF;
  PERFORM capa.decide_lock((capa.reference(params ->> 'ref')).nc);
  n := capa.begin_change('approve', principal, params);
  q := capa.request_named(n, params, principal, actor, 'approve');
  PERFORM capa.decide(q, true, actor, capa.param_text(params, 'text'));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('warnings',
    CASE q.kind WHEN 'plan' THEN capa.verifiers_left(n.id) END)));
END $$;
