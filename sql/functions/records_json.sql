-- All records of one fact of an NC, of all cycles, also retracted ones (versions are kept), oldest first.
CREATE OR REPLACE FUNCTION capa.records_json(nc_ int, fact_ text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(r.value || jsonb_build_object('no', r.no, 'cycle', r.cycle, 'by', r.author,
    'at', capa.rfc3339(r.at), 'retracted', CASE WHEN r.retracted_at IS NOT NULL THEN jsonb_build_object('by', r.retracted_by,
      'at', capa.rfc3339(r.retracted_at), 'reason', r.retract_reason) END)) ORDER BY r.id), '[]')
  FROM capa.record r WHERE r.nc = nc_ AND r.fact = fact_
$$;
