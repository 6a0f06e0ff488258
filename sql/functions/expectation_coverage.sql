-- What status says of expected events: how many expectations there are, what is next due, and when in the last week nobody could have
-- heard anything ("unknown", the newest 20).
CREATE OR REPLACE FUNCTION capa.expectation_coverage() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'expected', (SELECT count(*) FROM capa.expectation),
    'next_due', (SELECT capa.rfc3339(min(e.due)) FROM capa.expectation e WHERE e.due < 'infinity'),
    'unknown', (SELECT coalesce(jsonb_agg(jsonb_build_object('from', capa.rfc3339(g.from_at), 'to', capa.rfc3339(g.to_at)) ORDER BY g.from_at DESC), '[]')
                FROM (SELECT lag(p.to_at) OVER (ORDER BY p.id) AS from_at, p.from_at AS to_at FROM capa.presence p ORDER BY p.id DESC LIMIT 20) g
                WHERE g.from_at < g.to_at AND g.to_at > capa.now() - interval '7 days'))
$$;
