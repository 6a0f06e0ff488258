-- Lines of the journal for people, oldest first, as a JSON array: of one NC (or all), after a sequence, from a moment on.
-- Of the NCs in `hidden` only that something happened.
CREATE OR REPLACE FUNCTION capa.log_lines(nc_ int, ref_ text, after_ bigint, from_ timestamptz, most int,
                                          hidden int[] DEFAULT '{}') RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('seq', l.seq, 'at', capa.rfc3339(l.at), 'actor', CASE WHEN l.nc = ANY (hidden) OR (l.topic = 'sys.actor' AND hidden <> '{}') THEN 'restricted' ELSE l.actor END, 'topic', l.topic,
                            'kind', l.kind, 'ref', l.ref, 'nc', 'NC-' || l.nc, 'title', CASE WHEN l.nc = ANY (hidden) THEN 'restricted' ELSE n.title END,
                            'sentence', CASE WHEN l.nc = ANY (hidden) THEN 'restricted' ELSE l.sentence END)
                            ORDER BY l.seq), '[]')
  FROM (SELECT * FROM capa.log g
        WHERE (nc_ IS NULL OR g.nc = nc_) AND (ref_ IS NULL OR g.ref = ref_) AND g.seq > after_
          AND (from_ IS NULL OR g.at >= from_)
        ORDER BY g.seq LIMIT most) l
  LEFT JOIN capa.nc n ON n.id = l.nc
$$;
