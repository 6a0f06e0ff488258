-- The first moment from `at` on that lies in working hours of the calendar: `at` itself within them, else the
-- next opening. Null calendar: `at`. For steps whose ladder says "hours" (SEMANTICS section 7, 6).
CREATE OR REPLACE FUNCTION capa.working_time(at timestamptz, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  zone text := coalesce(calendar ->> 'zone', 'UTC');
  day date := (at AT TIME ZONE zone)::date;
  hours jsonb;
BEGIN
  IF calendar IS NULL OR at IS NULL THEN
    RETURN at;
  END IF;
  FOR ahead IN 0..366 LOOP
    hours := capa.opening_hours(day + ahead, calendar);
    CONTINUE WHEN hours IS NULL OR capa.closing_time(day + ahead, calendar) <= at;
    RETURN greatest(at, (day + ahead + (hours ->> 0)::interval) AT TIME ZONE zone);
  END LOOP;
  RETURN at;
END $$;
