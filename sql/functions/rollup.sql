-- Rolls the events since the last time up into rows of the tallies, at most once a second (SEMANTICS section 2). What
-- a snapshot sees of the events is all up to some number, since they are numbered and committed under the turn; so no lock
-- against writers is needed, only one against another daemon doing the same.
CREATE OR REPLACE FUNCTION capa.rollup() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  from_ bigint;
  upto_ bigint;
  at_ timestamptz;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('capa.rollup')) THEN
    RETURN;
  END IF;
  SELECT r.upto, r.at INTO from_, at_ FROM capa.rollup r ORDER BY r.upto DESC LIMIT 1;
  from_ := coalesce(from_, 0);
  SELECT max(eventno) INTO upto_ FROM capa.event;
  IF upto_ IS NULL OR upto_ <= from_ OR (at_ > capa.now() - interval '1 second' AND at_ <= capa.now()) THEN
    RETURN;
  END IF;
  INSERT INTO capa.nc_tally (nc, fails, passes, first_seen, last_seen)
  SELECT e.nc, count(*) FILTER (WHERE e.effect = 'f'), count(*) FILTER (WHERE e.effect = 'p'),
         min(e.first_seen) FILTER (WHERE e.effect = 'f'), max(e.observed) FILTER (WHERE e.effect = 'f')
  FROM (SELECT nc, effect, observed, least(observed, first_seen) AS first_seen FROM capa.event
        WHERE eventno > from_ AND eventno <= upto_ AND nc IS NOT NULL
        UNION ALL
        SELECT nc, effect, observed, observed FROM capa.event_nc WHERE eventno > from_ AND eventno <= upto_ AND counted_by IS NULL
        UNION ALL
        SELECT nc, effect, observed, observed FROM capa.event_nc WHERE counted_by > from_ AND counted_by <= upto_) e
  GROUP BY e.nc;
  INSERT INTO capa.tally (source, type, status, n, first_at, last_at)
  SELECT source, type, 'stored', count(*), min(received), max(received)
  FROM capa.event WHERE eventno > from_ AND eventno <= upto_ GROUP BY source, type;
  INSERT INTO capa.rollup (upto, at) VALUES (upto_, capa.now());
END $$;
