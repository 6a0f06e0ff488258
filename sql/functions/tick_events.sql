-- What api.tick does for events: roll up their counts (each second), seal them (each minute), and each hour make partitions ahead,
-- apply retention and fold the tallies. A lock that writers don't give soon puts the hourly work off to the next tick.
CREATE OR REPLACE FUNCTION capa.tick_events() RETURNS void LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
BEGIN
  PERFORM capa.rollup();
  PERFORM capa.seal();
  BEGIN
    IF capa.chore_due('hourly', '1 hour') THEN
      PERFORM capa.partitions();
      PERFORM capa.retain();
      PERFORM capa.tally_fold();
    END IF;
  EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN;
  END;
END $$;
