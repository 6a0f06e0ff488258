-- Awaited events of a batch, now that they are stored: appended, one row for each fingerprint; nothing is updated. What becomes of it is
-- seen when the expectation is due.
CREATE OR REPLACE FUNCTION capa.expectation_passed(batch jsonb, bodies bytea, received_ timestamptz, stored int[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  oldest_us bigint := capa.us_of(received_ - capa.setting_interval('observed_back'));
BEGIN
  INSERT INTO capa.passed (fingerprint, observed, received, source)
  SELECT decode(w.c ->> 'fp', 'hex'), max(o.observed), received_, (array_agg(e.source ORDER BY o.observed DESC))[1]
  FROM capa.ingest_events(batch, bodies, capa.ingest_texts(batch)) e
  CROSS JOIN LATERAL (SELECT capa.observed(e.observed_us, received_, capa.us_of(received_), oldest_us) AS observed) o
  CROSS JOIN LATERAL (
    SELECT batch -> 'cases' -> e.case_no AS c
    UNION ALL
    SELECT batch -> 'cases' -> (m.pair ->> 1)::int FROM jsonb_array_elements(batch -> 'more') AS m(pair) WHERE (m.pair ->> 0)::int = e.n) w
  WHERE e.n = ANY (stored) AND w.c ? 'subject' AND w.c ->> 'effect' = 'pass' GROUP BY 1;
END $$;
