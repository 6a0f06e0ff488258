-- Treated under another reference: its events and its dates go there. Major, overdue, or from an audit, complaint or authority: a
-- second person decides (PRODUCT, "Nobody does alone").
CREATE OR REPLACE FUNCTION api.merge(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  into_ int;
  reason_ text := capa.param_text(params, 'reason');
  extra jsonb := '{}';
  request_ int;
BEGIN
  PERFORM capa.check_call('merge', principal, params);
  into_ := (capa.reference(params ->> 'into')).nc;
  PERFORM capa.merge_lock((capa.reference(params ->> 'nc')).nc, into_);
  n := capa.begin_change('merge', principal, params);
  PERFORM capa.check_read(principal, actor, into_);
  PERFORM capa.merge_check(n, into_);
  IF capa.second_person(n) THEN
    request_ := capa.request_put(n, 'merge', 'NC-' || n.id, ARRAY[actor], NULL, jsonb_build_object('into', into_), reason_);
    extra := capa.request_result(request_);
    PERFORM capa.changed(n.id, 'nc.changed', 'merge', 'NC-' || n.id,
                         concat_ws(': ', format('merging into NC-%s asked for', into_), reason_));
  ELSE
    PERFORM capa.merge(n, into_, reason_, actor);
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
