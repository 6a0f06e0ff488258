-- What to do next: with an NC its steps, else the caller's own lines, next due first.
CREATE OR REPLACE FUNCTION api.next(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  result json;
  id_ int;
BEGIN
  PERFORM capa.check_call('next', principal, params);
  IF params -> 'nc' <> 'null' THEN
    id_ := (capa.reference(params ->> 'nc')).nc;
    PERFORM capa.check_read(principal, actor, id_);
    SELECT coalesce(json_agg(jsonb_build_object('ref', 'NC-' || n.id, 'title', n.title, 'sentence', s.value ->> 'sentence',
        'command', s.value ->> 'command', 'due', capa.rfc3339(d.due)) ORDER BY s.ord), '[]') INTO result
      FROM capa.nc n LEFT JOIN capa.next_due d ON d.nc = n.id
      CROSS JOIN LATERAL jsonb_array_elements(capa.next_of(n.id)) WITH ORDINALITY AS s(value, ord) WHERE n.id = id_;
  ELSE
    SELECT coalesce(json_agg(jsonb_build_object('ref', l.ref, 'title', l.title, 'sentence', l.sentence, 'command', l.command,
        'due', capa.rfc3339(l.due)) ORDER BY l.due, l.rank, l.ref), '[]') INTO result FROM capa.my_lines(principal, actor) l;
  END IF;
  RETURN result;
END $$;
