-- Fills the event_ and further_ parts of an outcome for the events of a quiet batch that have several cases. Events with the same
-- cases do the same: worked out once for each such set. more_: pairs of event and further case.
CREATE OR REPLACE FUNCTION capa.ingest_by_cases(o capa.ingest_outcome, count_ int, case_ int[], more_ int[])
RETURNS capa.ingest_outcome LANGUAGE plpgsql AS $$
DECLARE
  case_nc int[] := o.case_nc;
  case_effect "char"[] := o.case_effect;
  case_outcome text[] := o.case_outcome;
  set_ jsonb := '{}';
  of_event text[];
  first_ int[];
  result_ text[];
  s record;
BEGIN
  SELECT array_agg(h.cases ORDER BY g.n) INTO of_event
  FROM generate_series(0, count_ - 1) AS g(n)
  LEFT JOIN (SELECT more_[i][1] AS n, case_[min(more_[i][1]) + 1] || ',' || string_agg(more_[i][2]::text, ',' ORDER BY i) AS cases
             FROM generate_subscripts(more_, 1) i GROUP BY more_[i][1]) h ON h.n = g.n;
  FOR s IN
    SELECT d.cases, row_number() OVER () AS no,
           (array_agg(c.no ORDER BY case_nc[c.no + 1] IS NULL, c.place))[1] AS first,
           '[' || string_agg(capa.ingest_result(case_outcome[c.no + 1], case_nc[c.no + 1]), ',' ORDER BY c.place) || ']' AS result
    FROM (SELECT DISTINCT x AS cases FROM unnest(of_event) x WHERE x IS NOT NULL) d
    CROSS JOIN LATERAL unnest(string_to_array(d.cases, ',')::int[]) WITH ORDINALITY AS c(no, place)
    GROUP BY d.cases
  LOOP
    set_ := set_ || jsonb_build_object(s.cases, s.no);
    first_[s.no] := s.first;
    result_[s.no] := s.result;
  END LOOP;
  SELECT array_agg(case_nc[first_[e.no] + 1] ORDER BY e.place), array_agg(case_effect[first_[e.no] + 1] ORDER BY e.place),
         array_agg(case_outcome[first_[e.no] + 1] ORDER BY e.place), array_agg(result_[e.no] ORDER BY e.place)
  INTO o.event_nc, o.event_effect, o.event_outcome, o.event_result
  FROM (SELECT (set_ ->> x)::int AS no, place FROM unnest(of_event) WITH ORDINALITY AS u(x, place)) e;
  SELECT array_agg(f.n), array_agg(case_nc[f.no + 1]), array_agg(case_effect[f.no + 1]), array_agg(case_outcome[f.no + 1])
  INTO o.further_n, o.further_nc, o.further_effect, o.further_outcome
  FROM (SELECT u.place - 1 AS n, c.no
        FROM unnest(of_event) WITH ORDINALITY AS u(x, place)
        JOIN (SELECT d.cases, k.no FROM (SELECT DISTINCT x AS cases FROM unnest(of_event) x WHERE x IS NOT NULL) d
              CROSS JOIN LATERAL (SELECT DISTINCT ON (case_nc[q.no + 1]) q.no
                                  FROM unnest(string_to_array(d.cases, ',')::int[]) WITH ORDINALITY AS q(no, place)
                                  WHERE case_nc[q.no + 1] <> case_nc[first_[(set_ ->> d.cases)::int] + 1]
                                  ORDER BY case_nc[q.no + 1], q.place) k) c ON c.cases = u.x) f;
  RETURN o;
END $$;
