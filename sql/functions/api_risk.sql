-- Must a risk be updated (ISO 9001 10.2.1 e)? "none", or the reference of the change.
CREATE OR REPLACE FUNCTION api.risk(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('risk', principal, params);
BEGIN
  PERFORM capa.isms_risk_put(n, params, actor);
  PERFORM capa.changed(n.id, 'nc.changed', 'risk', 'NC-' || n.id, 'risk: ' || capa.param_text(params, 'risk', 1024));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
