-- The NC summary of messages and lists (CONTRACT, "list --json").
CREATE OR REPLACE FUNCTION capa.summary(nc_ int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_build_object(
    'ref', 'NC-' || n.id, 'title', n.title, 'grade', n.grade, 'state', n.state, 'cycle', n.cycle,
    'rule', n.rule, 'fingerprint', encode(n.fingerprint, 'hex'), 'source', n.source, 'source_kind', n.source_kind,
    'asset', n.asset, 'owner', n.owner, 'controls', to_jsonb(n.controls), 'labels', n.labels,
    'occurrences', c.fails + m.fails,
    'first_seen', capa.rfc3339(least(n.first_seen, c.first_seen, m.first_seen)),
    'last_seen', capa.rfc3339(greatest(coalesce(c.last_seen, n.first_seen), m.last_seen)),
    'raised_at', capa.rfc3339(n.raised_at), 'closed_at', capa.rfc3339(n.closed_at),
    'recurrence_of', 'NC-' || n.recurrence_of,
    'overdue', coalesce(d.overdue, false), 'next_due', d.next_due, 'version', n.version)
    || CASE WHEN c.passes > 0 AND c.fails > 0 AND NOT capa.has_left(n.state) AND capa.flapping(n.id) THEN '{"flapping":true}'::jsonb ELSE '{}' END
    || CASE WHEN n.restricted THEN '{"restricted":true}'::jsonb ELSE '{}' END
  FROM capa.nc n
  CROSS JOIN LATERAL capa.nc_count(n.id) c
  CROSS JOIN LATERAL capa.merged_count(n.id) m
  LEFT JOIN capa.next_due d ON d.nc = n.id
  WHERE n.id = nc_);
END $$;
