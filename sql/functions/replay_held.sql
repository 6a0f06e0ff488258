-- By rule what raised nothing in a replay since its moment: fails that a count or a sequence holds that was not complete, and fails that a hold, a
-- silence or a rejection suppressed.
CREATE OR REPLACE FUNCTION capa.replay_held(since_ timestamptz) RETURNS TABLE (rule text, counted bigint, suppressed bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY SELECT x.rule, sum(x.counted)::bigint, sum(x.suppressed)::bigint FROM (
    SELECT r.id AS rule, count(*) AS counted, 0 AS suppressed FROM pg_temp.counted c
      CROSS JOIN LATERAL (SELECT y.id FROM pg_temp.rule y WHERE y.hash = c.rule_hash AND y.windows ?| ARRAY['count', 'sequence'] LIMIT 1) r
      WHERE c.received >= since_ GROUP BY r.id
    UNION ALL SELECT m.rule, 0, count(*) FROM pg_temp.muted m WHERE m.received >= since_ GROUP BY m.rule
    UNION ALL SELECT n.rule, 0, count(*) FROM pg_temp.nc_event e JOIN pg_temp.nc n ON n.id = e.nc
      WHERE e.received >= since_ AND e.outcome = 'suppressed' GROUP BY n.rule) x GROUP BY x.rule;
END $$;
