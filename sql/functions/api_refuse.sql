-- A second person's decision on a request (SEMANTICS section 6, "Requests"): nothing of it comes into force. A refused short closing takes its need back.
CREATE OR REPLACE FUNCTION api.refuse(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  RETURN capa.finish(principal, actor, params, capa.decision_call('refuse', principal, actor, params));
END $$;
