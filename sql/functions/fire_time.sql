-- When a step that is ready at a moment may fire, seen from now: at once, or, where it waits for working hours, within
-- those of its calendar. The end of working hours is not within them: dates end with it, so what slips in the evening is
-- said the next morning. One that became ready within them but was missed (nobody ran) waits for the next ones too.
CREATE OR REPLACE FUNCTION capa.fire_time(ready timestamptz, now_ timestamptz, calendar jsonb) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN f.at < now_ AND f.later > now_ THEN f.later ELSE f.at END
  FROM (SELECT capa.working_time(ready, calendar) AS at, capa.working_time(now_, calendar) AS later) f
$$;
