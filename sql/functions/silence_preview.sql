-- What a silence would hide, had it applied in the last 7 days: open NCs that it covers, and how many fails they had then; what it would have
-- kept from being raised; escalations that would have waited.
CREATE OR REPLACE FUNCTION capa.silence_preview(s capa.silence, hidden int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH covered AS MATERIALIZED (
    SELECT n.* FROM capa.nc n WHERE NOT n.id = ANY (hidden) AND (NOT capa.has_left(n.state) OR n.raised_at > capa.now() - interval '7 days')
      AND capa.silence_covers(s, n.rule, n.asset, n.source, n.grade, n.labels))
  SELECT jsonb_build_object(
    'open', (SELECT count(*) FROM covered c WHERE NOT capa.has_left(c.state)),
    'raised', (SELECT count(*) FROM covered c WHERE c.raised_at > capa.now() - interval '7 days'),
    'fails', (SELECT count(*) FROM covered c JOIN capa.nc_event e ON e.nc = c.id AND e.effect = 'f' WHERE e.received > capa.now() - interval '7 days'),
    'escalations', (SELECT count(*) FROM covered c JOIN capa.escalation e ON e.nc = c.id WHERE e.state = 'fired' AND e.published_at > capa.now() - interval '7 days'),
    'ncs', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'NC-' || c.id, 'title', c.title, 'grade', c.grade, 'state', c.state) ORDER BY c.id DESC), '[]')
            FROM (SELECT * FROM covered ORDER BY id DESC LIMIT 50) c))
$$;
