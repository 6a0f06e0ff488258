-- Labels of an NC: sets those given, takes off those named in `remove`.
CREATE OR REPLACE FUNCTION api.label(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('label', principal, params, actor);
  set_ jsonb := coalesce(capa.param_labels(params, 'labels'), '{}');
  off text[] := coalesce(capa.param_list(params, 'remove'), '{}');
  name_ text;
BEGIN
  IF set_ = '{}' AND off = '{}' THEN
    PERFORM capa.fail('invalid', 'label was given nothing to set or to take off.', NULL, format('capactl label NC-%s site=berlin', n.id));
  END IF;
  FOREACH name_ IN ARRAY off LOOP
    IF NOT n.labels ? name_ THEN
      PERFORM capa.fail('refused', format('NC-%s has no label "%s".', n.id, left(name_, 64)), NULL,
        format('It has: %s.', coalesce((SELECT string_agg(key || '=' || (value #>> '{}'), ', ' ORDER BY key) FROM jsonb_each(n.labels)), 'none')));
    END IF;
  END LOOP;
  n.labels := (n.labels - off) || set_;
  IF (SELECT count(*) FROM jsonb_object_keys(n.labels)) > 64 THEN
    PERFORM capa.fail('too_big', format('NC-%s would have more than 64 labels.', n.id));
  END IF;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(n.id, 'nc.changed', 'label', 'NC-' || n.id, 'labels: ' || concat_ws(', ',
    (SELECT string_agg(key || '=' || (value #>> '{}'), ', ' ORDER BY key) FROM jsonb_each(set_)),
    (SELECT string_agg('without ' || o, ', ') FROM unnest(off) o)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
