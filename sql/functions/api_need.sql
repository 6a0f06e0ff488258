-- Is action needed to remove the cause (10.2 b)? No, for grade minor or less, is the short way to closing.
CREATE OR REPLACE FUNCTION api.need(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('need', principal, params);
  need_ text := CASE WHEN capa.param_bool(params, 'need') THEN 'yes' ELSE 'no' END;
  reason_ text := capa.param_text(params, 'reason');
BEGIN
  PERFORM capa.record_put(n, 'need', jsonb_build_object('need', need_, 'reason', reason_), actor);
  PERFORM capa.isms_risk_put(n, params, actor);
  PERFORM capa.changed(n.id, 'nc.changed', 'need', 'NC-' || n.id, format('need for action: %s: %s', need_, reason_));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
