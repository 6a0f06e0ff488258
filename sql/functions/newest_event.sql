-- The newest event of an NC with this effect (f, p) below a number, or null if it was received before a moment.
CREATE OR REPLACE FUNCTION capa.newest_event(nc_ int, effect_ "char", below bigint, since_ timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  own record;
  further record;
BEGIN
  SELECT e.eventno, e.received INTO own FROM capa.event e WHERE e.nc = nc_ AND e.effect = effect_ AND e.eventno < below ORDER BY e.eventno DESC LIMIT 1;
  SELECT e.eventno, e.received INTO further FROM capa.event_nc e WHERE e.nc = nc_ AND e.effect = effect_ AND e.eventno < below ORDER BY e.eventno DESC LIMIT 1;
  RETURN greatest(CASE WHEN own.received >= since_ THEN own.eventno END, CASE WHEN further.received >= since_ THEN further.eventno END);
END $$;
