-- What status says of expected events: how many expectations there are, what is next due, and when in the last week nobody could have
-- heard anything, or what one subscription carries ("unknown", the newest 20, with `subscription` where it is that).
CREATE OR REPLACE FUNCTION capa.expectation_coverage() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'expected', (SELECT count(*) FROM capa.expectation),
    'next_due', (SELECT capa.rfc3339(min(e.due)) FROM capa.expectation e WHERE e.due < 'infinity'),
    'unknown', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('from', capa.rfc3339(g.from_at), 'to', capa.rfc3339(g.to_at), 'subscription', g.name))
                                          ORDER BY g.from_at DESC, g.name), '[]')
                FROM (SELECT * FROM (
                        (SELECT lag(p.to_at) OVER (ORDER BY p.id) AS from_at, p.from_at AS to_at, NULL AS name FROM capa.presence p ORDER BY p.id DESC LIMIT 20)
                        UNION ALL
                        SELECT lower(x.part), upper(x.part), x.name
                        FROM (SELECT g.name, unnest(g.gaps) AS part FROM capa.link_gaps(NULL, capa.now() - interval '7 days', capa.now()) g) x) u
                      WHERE u.from_at < u.to_at AND u.to_at > capa.now() - interval '7 days' ORDER BY u.from_at DESC LIMIT 20) g))
$$;
