-- What the events of a batch did, in the form that storing them needs. cases: from capa.ingest_cases; where hits are in hand
-- (capa_hit), they say it event by event: the first case with an NC is the event's own.
CREATE OR REPLACE FUNCTION capa.ingest_outcomes(batch jsonb, case_nc int[], case_outcome text[], from_hits boolean)
RETURNS capa.ingest_outcome LANGUAGE plpgsql AS $$
DECLARE
  o capa.ingest_outcome;
  count_ int := (batch ->> 'count')::int;
  h record;
BEGIN
  o.case_nc := case_nc;
  o.case_outcome := case_outcome;
  SELECT array_agg(CASE c ->> 'effect' WHEN 'fail' THEN 'f' ELSE 'p' END::"char" ORDER BY place),
         array_agg('[' || capa.ingest_result(case_outcome[place], case_nc[place]) || ']' ORDER BY place)
  INTO o.case_effect, o.case_result
  FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS c(c, place);
  IF from_hits THEN
    o.event_nc := array_fill(NULL::int, ARRAY[count_]);
    o.event_effect := array_fill(NULL::"char", ARRAY[count_]);
    o.event_outcome := array_fill(NULL::text, ARRAY[count_]);
    o.event_result := array_fill(NULL::text, ARRAY[count_]);
    FOR h IN
      SELECT n + 1 AS at, (array_agg(t.nc ORDER BY t.nc IS NULL, place))[1] AS nc,
             (array_agg(t.case_no ORDER BY t.nc IS NULL, place))[1] AS case_no,
             (array_agg(t.outcome ORDER BY t.nc IS NULL, place))[1] AS outcome,
             '[' || string_agg(capa.ingest_result(t.outcome, t.nc), ',' ORDER BY place) || ']' AS result
      FROM pg_temp.capa_hit t GROUP BY n
    LOOP
      o.event_nc[h.at] := h.nc;
      o.event_effect[h.at] := o.case_effect[h.case_no + 1];
      o.event_outcome[h.at] := h.outcome;
      o.event_result[h.at] := h.result;
    END LOOP;
  END IF;
  RETURN o;
END $$;
