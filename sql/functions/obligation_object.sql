-- An obligation as show and messages give it. due_original is that of its deadline.
CREATE OR REPLACE FUNCTION capa.obligation_object(o capa.obligation) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('label', o.label, 'kind', o.kind, 'source', o.source, 'due', capa.rfc3339(o.due),
    'due_original', capa.rfc3339(d.due_original), 'overdue', o.met_at IS NULL AND d.void_at IS NULL AND o.due < capa.now(),
    'state', CASE WHEN o.met_at IS NOT NULL THEN 'met' WHEN o.void_at IS NOT NULL OR d.void_at IS NOT NULL THEN 'void' ELSE 'open' END,
    'added_by', o.author, 'added_at', capa.rfc3339(o.added_at), 'met_at', capa.rfc3339(o.met_at), 'met_by', o.met_by))
  FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM capa.deadline x
    WHERE x.nc = o.nc AND x.kind = o.kind AND x.label = o.label AND x.started_at = o.started_at ORDER BY x.id DESC LIMIT 1) d ON true
$$;
