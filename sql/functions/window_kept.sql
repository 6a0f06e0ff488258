-- Now that the events have numbers, first_ + n: what is counted still is appended to capa.counted, what became occurrences to
-- capa.event_nc. Leaves nothing in hand.
CREATE OR REPLACE FUNCTION capa.window_kept(first_ bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_counted') IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO capa.counted (fingerprint, rule_hash, observed, received, value, eventno, until)
  SELECT c.fingerprint, c.rule_hash, c.observed, c.received, c.value, first_ + c.n, c.until FROM pg_temp.capa_counted c;
  INSERT INTO capa.event_nc (eventno, received, observed, nc, effect, outcome, counted_by)
  SELECT DISTINCT ON (1) coalesce(r.eventno, first_ + r.n), r.received, r.observed, r.nc, 'f'::"char", 'counted', first_ + r.by_n
  FROM pg_temp.capa_reached r WHERE r.nc IS NOT NULL ORDER BY 1;
  PERFORM capa.stage_clear('capa_counted'), capa.stage_clear('capa_reached');
END $$;
