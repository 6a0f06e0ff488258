-- The n-th working day of a calendar after a day; with n = 0 the day itself, or the next working day if nobody
-- works on it. A calendar without any working day within a year is taken as if everybody worked always, so
-- that a due date exists whatever was loaded.
CREATE OR REPLACE FUNCTION capa.working_day(day date, n int, calendar jsonb) RETURNS date
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  day_ date := day;
  left_ int := n;
  idle int := 0;
BEGIN
  LOOP
    IF capa.opening_hours(day_, calendar) IS NOT NULL THEN
      IF left_ <= 0 THEN
        RETURN day_;
      END IF;
      idle := 0;
    ELSIF idle > 366 THEN
      RETURN day + n;
    ELSE
      idle := idle + 1;
    END IF;
    day_ := day_ + 1;
    IF capa.opening_hours(day_, calendar) IS NOT NULL THEN
      left_ := left_ - 1;
    END IF;
  END LOOP;
END $$;
