-- The highest grade that a rule's growth ({"occurrences","within","to"} steps) gives an NC now, if it is higher than `above`,
-- or null: n fails observed within the span. Counts events with a number and those of the batch in hand. The newest 4n are looked at, which only
-- late ones among them could make too few.
CREATE OR REPLACE FUNCTION capa.grown_grade(nc_ int, growth jsonb, received timestamptz, more int, above text)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  step jsonb;
  best text := above;
  found_ int;
BEGIN
  FOR step IN SELECT jsonb_array_elements(growth) LOOP
    CONTINUE WHEN NOT step ? 'occurrences' OR capa.grade_rank(step ->> 'to') <= coalesce(capa.grade_rank(best), -1);
    SELECT count(*) INTO found_ FROM (
      SELECT observed FROM capa.nc_event WHERE nc = nc_ AND effect = 'f'
      ORDER BY eventno DESC LIMIT 4 * (step ->> 'occurrences')::int) e
    WHERE e.observed > received - capa.span_interval(step -> 'within');
    IF found_ + more >= (step ->> 'occurrences')::int THEN
      best := step ->> 'to';
    END IF;
  END LOOP;
  RETURN nullif(best, above);
END $$;
