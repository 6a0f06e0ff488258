-- The moment at which a day's working hours end in the calendar's zone; 17:00 where the calendar has no
-- hours for that day. "24:00" is the midnight after. A local time that the clock change skips is the same
-- distance after the change, one that comes twice is the second one (PostgreSQL's own reading of AT TIME ZONE).
CREATE OR REPLACE FUNCTION capa.closing_time(day date, calendar jsonb) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
  SELECT (day + coalesce(capa.opening_hours(day, calendar) ->> 1, '17:00')::interval)
         AT TIME ZONE coalesce(calendar ->> 'zone', 'UTC')
$$;
