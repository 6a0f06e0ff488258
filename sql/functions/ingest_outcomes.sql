-- What the events of a batch did, in the form that storing them needs. case_nc, case_outcome: from capa.ingest_cases. Events with
-- several cases, or all where hits are in hand (capa_hit), are told one by one: the first case with an NC is the event's own.
CREATE OR REPLACE FUNCTION capa.ingest_outcomes(batch jsonb, case_nc int[], case_outcome text[], from_hits boolean)
RETURNS capa.ingest_outcome LANGUAGE plpgsql AS $$
DECLARE
  o capa.ingest_outcome;
  count_ int := (batch ->> 'count')::int;
  case_ int[] := batch ->> 'case';
  more_ int[] := translate(batch ->> 'more', '[]', '{}');
  n_ int[];
  place_ int[];
  hit_case int[];
  hit_nc int[];
  hit_outcome text[];
BEGIN
  o.case_nc := case_nc;
  o.case_outcome := case_outcome;
  SELECT array_agg(CASE c ->> 'effect' WHEN 'fail' THEN 'f' WHEN 'begin' THEN 'b' ELSE 'p' END::"char" ORDER BY place),
         array_agg('[' || capa.ingest_result(case_outcome[place], case_nc[place]) || ']' ORDER BY place)
  INTO o.case_effect, o.case_result
  FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS c(c, place);
  IF from_hits THEN
    SELECT array_agg(h.n), array_agg(h.place), array_agg(h.case_no), array_agg(h.nc), array_agg(h.outcome)
    INTO n_, place_, hit_case, hit_nc, hit_outcome FROM pg_temp.capa_hit h;
    RETURN capa.ingest_by_event(o, count_, n_, place_, hit_case, hit_nc, hit_outcome);
  ELSIF more_ IS NOT NULL THEN
    RETURN capa.ingest_by_cases(o, count_, case_, more_);
  END IF;
  RETURN o;
END $$;
