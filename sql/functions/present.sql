-- A daemon is there: called by each api.tick, writes at most every 10 seconds (an idle daemon ticks every 15). An interval grows as long as ticks come within
-- 60 seconds of each other by the wall clock; else a new one begins, and what lies between is not covered. The wall clock
-- decides, because tests move capa.now() by months at once: such a jump is no gap, and the interval, in capa.now(), spans it. A
-- clock that was set back begins a new interval. One daemon writes at a time; the others leave it to that one.
CREATE OR REPLACE FUNCTION capa.present() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  p capa.presence;
  beat_ timestamptz;
  now_ timestamptz;
BEGIN
  SELECT * INTO p FROM capa.presence ORDER BY id DESC LIMIT 1;
  -- After the row was read: what another daemon wrote a moment ago must not lie ahead of our clocks.
  beat_ := clock_timestamp();
  now_ := capa.now();
  IF beat_ - p.beat BETWEEN '0' AND '10 seconds' AND now_ BETWEEN p.to_at AND p.to_at + interval '10 seconds'
     OR NOT pg_try_advisory_xact_lock(hashtext('capa.presence')) THEN
    RETURN;
  END IF;
  IF beat_ - p.beat BETWEEN '0' AND '60 seconds' AND now_ >= p.to_at THEN
    UPDATE capa.presence SET to_at = now_, beat = beat_ WHERE id = p.id;
  ELSE
    INSERT INTO capa.presence VALUES (nextval('capa.presence_no'), now_, now_, beat_);
  END IF;
END $$;
