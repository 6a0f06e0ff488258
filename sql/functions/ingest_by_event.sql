-- Fills the event_ and further_ parts of an outcome from hits: event, place among its cases, case, NC, outcome.
CREATE OR REPLACE FUNCTION capa.ingest_by_event(o capa.ingest_outcome, count_ int, n_ int[], place_ int[], case_ int[],
                                                nc_ int[], outcome_ text[]) RETURNS capa.ingest_outcome LANGUAGE plpgsql AS $$
DECLARE
  effect_ "char"[] := o.case_effect;
  event_nc int[] := array_fill(NULL::int, ARRAY[count_]);
  event_effect "char"[] := array_fill(NULL::"char", ARRAY[count_]);
  event_outcome text[] := array_fill(NULL::text, ARRAY[count_]);
  event_result text[] := array_fill(NULL::text, ARRAY[count_]);
  h record;
BEGIN
  FOR h IN
    SELECT t.n + 1 AS at, array_agg(t.i ORDER BY nc_[t.i] IS NULL, t.place) AS hits,
           '[' || string_agg(capa.ingest_result(outcome_[t.i], nc_[t.i]), ',' ORDER BY t.place) || ']' AS result
    FROM unnest(n_, place_) WITH ORDINALITY AS t(n, place, i) GROUP BY t.n
  LOOP
    event_nc[h.at] := nc_[h.hits[1]];
    event_effect[h.at] := effect_[case_[h.hits[1]] + 1];
    event_outcome[h.at] := outcome_[h.hits[1]];
    event_result[h.at] := h.result;
  END LOOP;
  o.event_nc := event_nc;
  o.event_effect := event_effect;
  o.event_outcome := event_outcome;
  o.event_result := event_result;
  SELECT array_agg(f.n), array_agg(f.nc), array_agg(f.effect), array_agg(f.outcome)
  INTO o.further_n, o.further_nc, o.further_effect, o.further_outcome
  FROM (SELECT DISTINCT ON (t.n, nc_[t.i]) t.n, nc_[t.i] AS nc, effect_[case_[t.i] + 1] AS effect, outcome_[t.i] AS outcome
        FROM unnest(n_, place_) WITH ORDINALITY AS t(n, place, i)
        WHERE nc_[t.i] IS DISTINCT FROM event_nc[t.n + 1] AND nc_[t.i] IS NOT NULL
        ORDER BY t.n, nc_[t.i], t.place) f;
  RETURN o;
END $$;
