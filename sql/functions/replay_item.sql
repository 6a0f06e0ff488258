-- One line of a replay's answer about a row of capa.replay_compare: what the nonconformity would be (grade, fails since the moment, all of its
-- occurrences, state), and under live_* what its live twin is.
CREATE OR REPLACE FUNCTION capa.replay_item(shadow_ int, live_ int, storm_ boolean, what_ text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  s pg_temp.nc;
  l capa.nc;
  since_ timestamptz := (SELECT r.since FROM pg_temp.replay r);
  f record;
BEGIN
  SELECT * INTO s FROM pg_temp.nc WHERE id = shadow_;
  SELECT * INTO l FROM capa.nc WHERE id = live_;
  SELECT count(*) FILTER (WHERE e.effect = 'f') AS fails, count(*) FILTER (WHERE e.effect = 'p') AS passes, min(e.observed) FILTER (WHERE e.effect = 'f') AS first,
    max(e.observed) FILTER (WHERE e.effect = 'f') AS last, (array_agg(e.effect ORDER BY e.eventno DESC))[1] = 'p' AS passing
  INTO f FROM pg_temp.nc_event e WHERE e.nc = shadow_ AND e.received >= since_;
  RETURN jsonb_strip_nulls(jsonb_build_object('rule', coalesce(s.rule, l.rule), 'title', coalesce(s.title, l.title), 'ref', 'NC-' || live_,
      'what', what_, 'storm', CASE WHEN storm_ THEN true END,
      'grade', s.grade, 'state', s.state, 'fails', CASE WHEN shadow_ IS NOT NULL THEN f.fails END, 'passes', CASE WHEN shadow_ IS NOT NULL THEN f.passes END,
      'passing', coalesce(f.passing, false), 'first', capa.rfc3339(f.first), 'last', capa.rfc3339(f.last),
      'occurrences', CASE WHEN shadow_ IS NOT NULL THEN (pg_temp.nc_count(shadow_)).fails END,
      'closed', CASE WHEN EXISTS (SELECT FROM pg_temp.told t WHERE t.nc = shadow_ AND t.topic = 'nc.closed' AND t.at >= since_) THEN true END,
      'live_grade', l.grade, 'live_state', l.state, 'live_occurrences', CASE WHEN live_ IS NOT NULL THEN (capa.nc_count(live_)).fails END));
END $$;
