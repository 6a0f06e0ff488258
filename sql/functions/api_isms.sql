-- Must the ISMS change (10.2 e)? "none", or the reference of the change.
CREATE OR REPLACE FUNCTION api.isms(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('isms', principal, params);
BEGIN
  PERFORM capa.isms_risk_put(n, params, actor);
  PERFORM capa.changed(n.id, 'nc.changed', 'isms', 'NC-' || n.id, 'isms: ' || capa.param_text(params, 'isms', 1024));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
