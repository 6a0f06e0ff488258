-- What api.tick does for events: roll up their counts (each second), seal them (each minute), fold the tallies and look at the
-- size of what is kept aside (each hour), make partitions ahead and apply retention (each day). A lock that writers
-- don't give soon puts that off to the next tick.
CREATE OR REPLACE FUNCTION capa.tick_events() RETURNS void LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
BEGIN
  PERFORM capa.rollup();
  PERFORM capa.seal();
  BEGIN
    IF capa.chore_due('hourly', '1 hour') THEN
      PERFORM capa.tally_fold();
      PERFORM capa.windows_prune();
      LOCK TABLE capa.turn IN EXCLUSIVE MODE;
      PERFORM capa.retain_aside('ignored');
      PERFORM capa.retain_aside('quarantine');
    END IF;
    IF capa.chore_due('daily', '1 day') OR NOT capa.partition_ahead() THEN
      PERFORM capa.retain_closed();
      PERFORM capa.partitions();
      PERFORM capa.retain();
    END IF;
  EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN;
  END;
END $$;
