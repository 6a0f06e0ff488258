-- The evidence of an NC or of one action, without contents.
CREATE OR REPLACE FUNCTION api.evidence_list(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  about record;
BEGIN
  PERFORM capa.check_call('evidence.list', principal, params);
  about := capa.reference(params ->> 'ref');
  PERFORM capa.check_read(principal, actor, about.nc);
  RETURN capa.evidence_json(about.nc, about.action, false)::json;
END $$;
