-- An action will not be done, with the reason.
CREATE OR REPLACE FUNCTION api.action_cancel(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.cancel', principal, params);
  a capa.action := capa.action_open(n, (capa.reference(params ->> 'action')).action);
BEGIN
  a.state := 'cancelled';
  a.reason := capa.param_text(params, 'reason');
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.record_put(n, 'plan_change', jsonb_build_object('action', a.id, 'cancelled', true), actor);
  PERFORM capa.changed(n.id, 'action.changed', 'action.cancel', 'CA-' || a.id, 'cancelled: ' || a.reason,
                       jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
