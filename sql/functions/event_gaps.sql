-- How often events of an NC come: how many there are over all its cycles (the newest 10,000, also those that retention has
-- taken), the middle one of the times between them, and the longest. effect_: 'f' fails, 'p' passes.
CREATE OR REPLACE FUNCTION capa.event_gaps(nc_ int, effect_ "char", OUT events int, OUT median interval, OUT longest interval)
LANGUAGE sql STABLE AS $$
  SELECT count(*)::int, percentile_cont(0.5) WITHIN GROUP (ORDER BY g.gap), max(g.gap)
  FROM (SELECT s.observed - lag(s.observed) OVER (ORDER BY s.observed) AS gap
        FROM (SELECT x.observed FROM (SELECT e.observed FROM capa.nc_event e WHERE e.nc = nc_ AND e.effect = effect_
                                      UNION ALL
                                      SELECT o.observed FROM capa.event_gone o WHERE o.nc = nc_ AND o.effect = effect_) x
              ORDER BY x.observed DESC LIMIT 10000) s) g
$$;
