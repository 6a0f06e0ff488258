-- When a stored step of a deadline, or its n-th repeat, is planned. Reckoned from the step, never from "now".
CREATE OR REPLACE FUNCTION capa.step_moment(step jsonb, n bigint, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF n = 0 THEN
    RETURN (step ->> 'planned_at')::timestamptz;
  END IF;
  RETURN capa.add_span((step ->> 'planned_at')::timestamptz, capa.span_times(step -> 'repeat', n), calendar);
END $$;
