-- A moment plus a span {"mo","d","bd","s"} (SEMANTICS section 7: the unit decides). Seconds are exact. Months,
-- days and business days are counted in the calendar's zone from the start's own date and end with the working
-- hours of that day, or of the next working day. A month later than the last day of a month is the last
-- day of the shorter one. The result of a span longer than nothing is always after the start; no span, no moment.
CREATE OR REPLACE FUNCTION capa.add_span(start timestamptz, span jsonb, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  months int := coalesce((span ->> 'mo')::int, 0);
  days int := coalesce((span ->> 'd')::int, 0);
  business int := coalesce((span ->> 'bd')::int, 0);
  seconds numeric := coalesce((span ->> 's')::numeric, 0);
  result timestamptz := start;
  day date;
BEGIN
  IF span IS NULL THEN
    RETURN NULL;
  END IF;
  IF months <> 0 OR days <> 0 OR business <> 0 THEN
    day := (start AT TIME ZONE coalesce(calendar ->> 'zone', 'UTC'))::date;
    day := (day + make_interval(months => months))::date + days;
    day := capa.working_day(day, business, calendar);
    result := capa.closing_time(day, calendar);
    WHILE result <= start LOOP
      day := capa.working_day(day + 1, 0, calendar);
      result := capa.closing_time(day, calendar);
    END LOOP;
  END IF;
  RETURN result + make_interval(secs => seconds::float8);
END $$;
