-- Folds the rows of the tallies into one for each thing counted, and forgets old roll-ups: reading stays short. Under the same lock as
-- the roll-up. Counts do not change.
CREATE OR REPLACE FUNCTION capa.tally_fold() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('capa.rollup')) THEN
    RETURN;
  END IF;
  WITH many AS (SELECT nc FROM capa.nc_tally GROUP BY nc HAVING count(*) > 20),
  gone AS (DELETE FROM capa.nc_tally t USING many WHERE t.nc = many.nc RETURNING t.*)
  INSERT INTO capa.nc_tally (nc, fails, passes, first_seen, last_seen)
  SELECT nc, sum(fails), sum(passes), min(first_seen), max(last_seen) FROM gone GROUP BY nc;
  WITH gone AS (DELETE FROM capa.tally RETURNING *)
  INSERT INTO capa.tally (source, type, status, n, first_at, last_at)
  SELECT source, type, status, sum(n), min(first_at), max(last_at) FROM gone GROUP BY source, type, status;
  DELETE FROM capa.rollup WHERE upto < capa.rollup_upto();
END $$;
