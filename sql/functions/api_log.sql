-- The history of one NC, or of one action, oldest first.
CREATE OR REPLACE FUNCTION api.log(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  about record;
BEGIN
  PERFORM capa.check_call('log', principal, params);
  about := capa.reference(params ->> 'ref');
  PERFORM capa.check_read(principal, actor, about.nc);
  RETURN capa.log_lines(about.nc, 'CA-' || about.action, coalesce(capa.param_number(params, 'after'), 0), NULL,
                        coalesce(nullif(capa.param_int(params, 'limit', 5000), 0), 500));
END $$;
