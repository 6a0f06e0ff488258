-- The owner has begun. Optional: done does not ask for it.
CREATE OR REPLACE FUNCTION api.action_start(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.start', principal, params);
  a capa.action := capa.action_open(n, (capa.reference(params ->> 'action')).action);
BEGIN
  IF a.state = 'started' THEN
    PERFORM capa.fail('refused', format('CA-%s is started already.', a.id));
  END IF;
  a.state := 'started';
  a.started_at := coalesce(a.started_at, capa.now());
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.changed(n.id, 'action.changed', 'action.start', 'CA-' || a.id, 'started',
                       jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
