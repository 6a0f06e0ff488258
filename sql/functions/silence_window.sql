-- A recurring window: "sun 02:00-04:00", "mon,tue,fri 22:00-06:00 Europe/Berlin", "mon-fri 12:00-13:00", "daily 01:00-01:30". Without a zone
-- that of the calendar. Refused with what is wrong in it.
CREATE OR REPLACE FUNCTION capa.silence_window(given text, zone_ text, OUT days int[], OUT from_time time, OUT to_time time, OUT zone text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  names constant text[] := '{mon,tue,wed,thu,fri,sat,sun}';
  part text[] := regexp_match(lower(btrim(given)), '^([a-z,-]+) +([0-9]{1,2}:[0-9]{2}) *- *([0-9]{1,2}:[0-9]{2})( +\S+)?$');
  day text;
  first_ int;
  last_ int;
  hint constant text := 'It looks like "sun 02:00-04:00", "mon-fri 22:00-06:00 Europe/Berlin" or "daily 01:00-01:30".';
BEGIN
  IF part IS NULL OR substr(part[2], 1, length(part[2]) - 3)::int > 23 OR right(part[2], 2)::int > 59
     OR substr(part[3], 1, length(part[3]) - 3)::int > 24 OR right(part[3], 2)::int > 59 OR substr(part[3], 1, length(part[3]) - 3)::int = 24 AND right(part[3], 2) <> '00' THEN
    PERFORM capa.fail('invalid', format('"every" is no time that recurs: "%s".', left(given, 60)), NULL, hint);
  END IF;
  FOREACH day IN ARRAY string_to_array(CASE part[1] WHEN 'daily' THEN 'mon-sun' ELSE part[1] END, ',') LOOP
    first_ := array_position(names, split_part(day, '-', 1));
    last_ := CASE WHEN day LIKE '%-%' THEN array_position(names, split_part(day, '-', 2)) ELSE first_ END;
    IF first_ IS NULL OR last_ IS NULL OR day LIKE '%-%-%' THEN
      PERFORM capa.fail('invalid', format('"%s" is no day of the week.', day), NULL, hint);
    END IF;
    days := days || ARRAY(SELECT (first_ + i - 1) % 7 + 1 FROM generate_series(0, (last_ - first_ + 7) % 7) i);
  END LOOP;
  days := ARRAY(SELECT DISTINCT d FROM unnest(days) d ORDER BY d);
  from_time := part[2];
  to_time := CASE WHEN part[3] LIKE '24:%' THEN '00:00' ELSE part[3] END;
  -- As it was written: names of zones have capitals.
  zone := coalesce(nullif(btrim(substr(btrim(given), length(btrim(given)) - length(coalesce(part[4], '')) + 1)), ''), zone_, 'UTC');
  IF NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = silence_window.zone) THEN
    PERFORM capa.fail('invalid', format('"%s" is no time zone.', left(zone, 60)), NULL, 'Zones have names such as Europe/Berlin or UTC.');
  ELSIF from_time = to_time THEN
    PERFORM capa.fail('invalid', '"every" ends when it begins.', NULL, hint);
  END IF;
END $$;
