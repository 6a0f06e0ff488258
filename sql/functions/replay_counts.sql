-- What a replay counted since its moment: events for its register, those no rule knows, those refused; fails that joined an NC, and those that were
-- held back or wait for their count to be complete; NCs whose newest event is a pass, and NCs that were closed. first_: the last event before it.
CREATE OR REPLACE FUNCTION capa.replay_counts(since_ timestamptz, first_ bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT jsonb_build_object('stored', count(*), 'merged', count(*) FILTER (WHERE e.effect = 'f' AND e.outcome = 'occurrence'))
          FROM pg_temp.event e WHERE e.eventno > first_ AND e.received >= since_)
    || jsonb_build_object('ignored', (SELECT count(*) FROM pg_temp.ignored i WHERE i.received >= since_),
         'refused', (SELECT count(*) FROM pg_temp.quarantine q WHERE q.received >= since_),
         'closed', (SELECT count(DISTINCT t.nc) FROM pg_temp.told t WHERE t.topic = 'nc.closed' AND t.at >= since_),
         'passing', (SELECT count(*) FROM (SELECT DISTINCT ON (e.nc) e.nc, e.effect FROM pg_temp.nc_event e WHERE e.received >= since_ ORDER BY e.nc, e.eventno DESC) x
                     WHERE x.effect = 'p'))
    || (SELECT jsonb_build_object('counted', coalesce(sum(h.counted), 0), 'suppressed', coalesce(sum(h.suppressed), 0)) FROM capa.replay_held(since_) h);
END $$;
