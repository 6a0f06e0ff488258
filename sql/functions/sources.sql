-- Who was heard, the latest first: [{"source","events","last_seen","types"}]. At most `most`.
CREATE OR REPLACE FUNCTION capa.sources(most int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('source', s.source, 'events', s.n, 'last_seen', capa.rfc3339(s.last_at),
                                               'types', s.types) ORDER BY s.last_at DESC, s.source), '[]')
  FROM (SELECT source, sum(n) AS n, max(last_at) AS last_at, count(DISTINCT type) AS types
        FROM capa.heard WHERE source IS NOT NULL AND status IN ('stored', 'duplicate', 'ignored')
        GROUP BY source ORDER BY max(last_at) DESC, source LIMIT most) s
$$;
