-- The number of the last repeat of a stored step that is planned not after a moment; 0 if it is the step
-- itself, -1 if not even that. Found by doubling and halving, because a repeat in months or business days has
-- no division.
CREATE OR REPLACE FUNCTION capa.step_repeats(step jsonb, until timestamptz, calendar jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := 0;
  high bigint := 1;
  middle bigint;
BEGIN
  IF (step ->> 'planned_at')::timestamptz > until THEN
    RETURN -1;
  END IF;
  IF step -> 'repeat' IS NULL THEN
    RETURN 0;
  END IF;
  IF capa.span_is_exact(step -> 'repeat') THEN
    RETURN floor(extract(epoch FROM until - (step ->> 'planned_at')::timestamptz)
                 / (step -> 'repeat' ->> 's')::numeric);
  END IF;
  WHILE capa.step_moment(step, high, calendar) <= until LOOP
    low := high;
    high := high * 2;
  END LOOP;
  WHILE high - low > 1 LOOP
    middle := (low + high) / 2;
    IF capa.step_moment(step, middle, calendar) <= until THEN
      low := middle;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END $$;
