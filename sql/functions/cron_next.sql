-- The first moment after another that a cron line names in a zone: {"minute","hour","day","month","weekday"} lists of numbers, day and
-- weekday null where any will do; of both given one is enough (0 is Sunday). A local time that the clocks skip is that much later, one
-- that comes twice is the second; null if there is none within eight years.
CREATE OR REPLACE FUNCTION capa.cron_next(cron jsonb, zone text, after_ timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  zone_ text := coalesce(zone, 'UTC');
  day date := (after_ AT TIME ZONE zone_)::date - 1;
  last date := day + 2930;
  found_ timestamptz;
BEGIN
  WHILE day < last LOOP
    IF NOT cron -> 'month' @> to_jsonb(extract(month FROM day)::int) THEN
      day := (date_trunc('month', day) + interval '1 month')::date;
      CONTINUE;
    END IF;
    IF (CASE WHEN cron ->> 'day' IS NULL AND cron ->> 'weekday' IS NULL THEN true
             ELSE coalesce(cron -> 'day' @> to_jsonb(extract(day FROM day)::int), false)
                  OR coalesce(cron -> 'weekday' @> to_jsonb(extract(dow FROM day)::int), false) END) THEN
      SELECT min(t.at) INTO found_
      FROM (SELECT (day + make_time(h::int, m::int, 0)) AT TIME ZONE zone_ AS at
            FROM jsonb_array_elements_text(cron -> 'hour') h, jsonb_array_elements_text(cron -> 'minute') m) t
      WHERE t.at > after_;
      IF found_ IS NOT NULL THEN
        RETURN found_;
      END IF;
    END IF;
    day := day + 1;
  END LOOP;
  RETURN NULL;
END $$;
