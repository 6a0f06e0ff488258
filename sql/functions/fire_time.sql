-- When a step that is ready at a moment may fire, seen from now: at once, or, where it waits for working hours, within
-- those of its calendar. Dates end with the working hours, and what slips then is said then: the closing moment is
-- within them, and a step that became ready within them may still go out a quarter of an hour later. One that was
-- missed for longer (nobody ran) waits for the next opening.
CREATE OR REPLACE FUNCTION capa.fire_time(ready timestamptz, now_ timestamptz, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  day date := (ready AT TIME ZONE coalesce(calendar ->> 'zone', 'UTC'))::date;
  opens timestamptz := capa.working_time(ready, calendar);
  reopens timestamptz;
BEGIN
  IF calendar IS NULL THEN
    RETURN ready;
  END IF;
  IF capa.opening_hours(day, calendar) IS NOT NULL AND capa.closing_time(day, calendar) = ready THEN
    opens := ready;
  END IF;
  IF now_ <= opens + interval '15 minutes' THEN
    RETURN opens;
  END IF;
  reopens := capa.working_time(now_, calendar);
  RETURN CASE WHEN reopens > now_ THEN reopens ELSE opens END;
END $$;
