-- When a silence applies between two moments, oldest first: all of it, or each time that it recurs, in the wall time of its zone
-- (a window in an hour that the clock leaves out or repeats is as long as the zone makes it). Ended early is ended.
CREATE OR REPLACE FUNCTION capa.silence_times(s capa.silence, after_ timestamptz, before_ timestamptz)
RETURNS TABLE (from_at timestamptz, to_at timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
  first_ timestamptz := greatest(s.from_at, after_);
  last_ timestamptz := least(s.until, s.ended_at, before_); -- least() leaves nulls out
BEGIN
  IF first_ > last_ THEN
    RETURN;
  ELSIF s.every IS NULL THEN
    RETURN QUERY SELECT s.from_at, least(s.until, s.ended_at);
    RETURN;
  END IF;
  RETURN QUERY
  SELECT greatest(w.a, s.from_at), least(w.b, s.until, s.ended_at)
  FROM generate_series((first_ AT TIME ZONE s.zone)::date - 1, (last_ AT TIME ZONE s.zone)::date, interval '1 day') AS d(day)
  CROSS JOIN LATERAL (SELECT (d.day::date + s.from_time) AT TIME ZONE s.zone AS a,
    (d.day::date + CASE WHEN s.to_time <= s.from_time THEN 1 ELSE 0 END + s.to_time) AT TIME ZONE s.zone AS b) w
  WHERE extract(isodow FROM d.day)::int = ANY (s.days) AND w.a <= last_ AND w.b > first_ AND w.a < w.b
    AND greatest(w.a, s.from_at) < least(w.b, s.until, s.ended_at)
  ORDER BY 1;
END $$;
