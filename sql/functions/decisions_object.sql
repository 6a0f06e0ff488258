-- What `show` says of decisions about an NC beside its facts: what was merged into it or split from it, its acceptance, its batch,
-- the waivers of separation of duties.
CREATE OR REPLACE FUNCTION capa.decisions_object(n capa.nc) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'merged', (SELECT coalesce(jsonb_agg('NC-' || m.id ORDER BY m.id), '[]') FROM capa.nc m WHERE m.merged_into = n.id),
    'split_from', 'NC-' || n.split_from,
    'batch', 'B-' || n.batch,
    'accepted_until', capa.rfc3339(n.accepted_until), 'accepted_grade', n.accepted_grade,
    'acceptances', capa.records_json(n.id, 'acceptance'),
    'waivers', capa.records_json(n.id, 'waiver'))
$$;
