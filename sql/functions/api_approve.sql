-- A second person's decision on a request (SEMANTICS section 6, "Requests"): what it asks for is in force now.
CREATE OR REPLACE FUNCTION api.approve(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  RETURN capa.finish(principal, actor, params, capa.decision_call('approve', principal, actor, params));
END $$;
