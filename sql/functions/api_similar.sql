-- Similar nonconformities (10.2 b 3): could it occur elsewhere; what is concluded from those found. Without either the
-- search runs again.
CREATE OR REPLACE FUNCTION api.similar(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('similar', principal, params);
  elsewhere_ text := capa.param_text(params, 'elsewhere');
  conclude_ text := capa.param_text(params, 'conclude');
  hits_ jsonb;
  said text[] := '{}';
BEGIN
  IF elsewhere_ IS NULL AND conclude_ IS NULL THEN
    PERFORM capa.record_put(n, 'similar', capa.similar_search(n, capa.record_of(n.id, n.cycle, 'cause') ->> 'category'), 'system');
    said := said || format('%s similar ones found', jsonb_array_length(capa.record_of(n.id, n.cycle, 'similar') -> 'hits'));
  END IF;
  IF elsewhere_ IS NOT NULL THEN
    PERFORM capa.record_put(n, 'elsewhere', jsonb_build_object('text', elsewhere_), actor);
    said := said || ('elsewhere: ' || elsewhere_);
  END IF;
  IF conclude_ IS NOT NULL THEN
    hits_ := capa.record_of(n.id, n.cycle, 'similar') -> 'hits';
    IF hits_ IS NULL THEN
      PERFORM capa.fail('refused', format('Nothing can be concluded yet: similar ones of NC-%s have not been looked for.', n.id),
        NULL, format('capactl similar NC-%s looks for them; so does recording a cause.', n.id));
    END IF;
    PERFORM capa.record_put(n, 'conclusion', jsonb_build_object('text', conclude_, 'hits', hits_), actor);
    said := said || ('concluded: ' || conclude_);
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'similar', 'NC-' || n.id, array_to_string(said, '; '));
  RETURN capa.finish(principal, actor, params, capa.result(n.id,
    jsonb_build_object('similar', capa.similar_found(n.id, n.cycle))));
END $$;
