-- A second person's decision on a request (SEMANTICS section 6, "Requests"): what it asks for is in force now.
CREATE OR REPLACE FUNCTION api.approve(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('approve', principal, params);
  q capa.request := capa.request_named(n, params, actor, 'approve');
BEGIN
  PERFORM capa.decide(q, true, actor, capa.param_text(params, 'text'));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
