-- The steps of a ladder for one due value, as stored in deadline.steps when that value is set (SEMANTICS
-- section 7, 1): [{"step","level","planned_at","to","ack","repeat","hours","from"}], numbered by their place in
-- the ladder. `at` of a step is a list, the first moment of which counts: a percentage of the time from the start to
-- the due date, the due date, or a span or percentage after it. A step not after set_at, or not after the start, does
-- not exist; of one that repeats, the repeats after set_at do ("from" is the number of the first), or what is
-- long overdue when it is recorded would never be heard of. exact_ deadlines wait for no hours.
CREATE OR REPLACE FUNCTION capa.plan_steps(started_at timestamptz, due timestamptz, set_at timestamptz,
                                           exact_ boolean, ladder jsonb, calendar jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  length float8 := extract(epoch FROM due - started_at);
  result jsonb := '[]';
  step jsonb;
  planned timestamptz;
  missed bigint;
BEGIN
  FOR i IN 0 .. jsonb_array_length(coalesce(ladder, '[]')) - 1 LOOP
    step := ladder -> i;
    SELECT min(CASE
        WHEN a ? 'percent' THEN started_at + make_interval(secs => length * (a ->> 'percent')::float8 / 100)
        WHEN a ? 'after' THEN capa.add_span(due, a -> 'after', calendar)
        WHEN a ? 'after_percent' THEN due + make_interval(secs => length * (a ->> 'after_percent')::float8 / 100)
        ELSE due END)
      INTO planned FROM jsonb_array_elements(step -> 'at') AS a;
    step := jsonb_strip_nulls(jsonb_build_object('step', i, 'level', step ->> 'level',
      'planned_at', capa.rfc3339(planned), 'to', step -> 'to', 'ack', step -> 'ack', 'repeat', capa.span_or_null(step -> 'repeat'),
      'hours', CASE WHEN exact_ THEN NULL ELSE step -> 'hours' END));
    IF planned <= started_at OR planned <= set_at THEN
      CONTINUE WHEN step -> 'repeat' IS NULL;
      missed := capa.step_repeats(step, greatest(set_at, started_at), calendar);
      step := step || jsonb_build_object('from', missed + 1);
    END IF;
    result := result || jsonb_build_array(step);
  END LOOP;
  RETURN result;
END $$;
