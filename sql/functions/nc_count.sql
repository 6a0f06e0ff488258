-- What was counted of an NC: the tallies, the events not rolled up yet, and those of the batch in hand that have no number yet.
CREATE OR REPLACE FUNCTION capa.nc_count(nc_ int, OUT fails bigint, OUT passes bigint,
                                         OUT first_seen timestamptz, OUT last_seen timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  upto_ bigint := capa.rollup_upto();
BEGIN
  SELECT coalesce(sum(t.fails), 0), coalesce(sum(t.passes), 0), min(t.first_seen), max(t.last_seen)
  INTO fails, passes, first_seen, last_seen
  FROM (SELECT n.fails, n.passes, n.first_seen, n.last_seen FROM capa.nc_tally n WHERE n.nc = nc_
        UNION ALL
        SELECT count(*) FILTER (WHERE e.effect = 'f'), count(*) FILTER (WHERE e.effect = 'p'),
               min(least(e.observed, e.first_seen)) FILTER (WHERE e.effect = 'f'),
               max(e.observed) FILTER (WHERE e.effect = 'f')
        FROM capa.event e WHERE e.nc = nc_ AND e.effect IN ('f', 'p') AND e.eventno > upto_
        UNION ALL
        SELECT count(*) FILTER (WHERE e.effect = 'f'), count(*) FILTER (WHERE e.effect = 'p'),
               min(e.observed) FILTER (WHERE e.effect = 'f'), max(e.observed) FILTER (WHERE e.effect = 'f')
        FROM capa.event_nc e WHERE e.nc = nc_ AND e.effect IN ('f', 'p') AND coalesce(e.counted_by, e.eventno) > upto_) t;
  IF to_regclass('pg_temp.capa_pending') IS NOT NULL THEN
    SELECT nc_count.fails + coalesce(sum(p.fails), 0), nc_count.passes + coalesce(sum(p.passes), 0),
           least(nc_count.first_seen, min(p.first_seen)), greatest(nc_count.last_seen, max(p.last_seen))
    INTO fails, passes, first_seen, last_seen
    FROM pg_temp.capa_pending p WHERE p.nc = nc_;
  END IF;
END $$;
