-- The working hours of one day of a calendar, ["09:00","17:00"], or null if nobody works on it: its weekday
-- has none, or it is a holiday. A calendar is {"zone","hours":{"mon":[from,to],...},"holidays":["2026-12-25"]}.
CREATE OR REPLACE FUNCTION capa.opening_hours(day date, calendar jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN coalesce(calendar -> 'holidays' ? to_char(day, 'YYYY-MM-DD'), false) THEN NULL
              ELSE nullif(calendar -> 'hours' -> (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
                            [extract(isodow FROM day)::int], 'null') END
$$;
