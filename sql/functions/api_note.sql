-- A remark; it changes nothing else.
CREATE OR REPLACE FUNCTION api.note(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('note', principal, params);
  action_ int := (capa.reference(params ->> 'ref')).action;
  text_ text := capa.param_text(params, 'text');
BEGIN
  PERFORM capa.record_put(n, 'note', jsonb_build_object('text', text_, 'action', 'CA-' || action_), actor);
  PERFORM capa.changed(n.id, 'nc.changed', 'note', coalesce('CA-' || action_, 'NC-' || n.id), 'note: ' || text_);
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
