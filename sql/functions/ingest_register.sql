-- Third of the four steps of a batch: what its new events do to the register. Called only for batches with a case that
-- is not quiet. fresh: the events that are new. nc_, outcome_, quiet_: what capa.ingest_cases said, by case; not asked again here, or
-- a case could turn after its fingerprint was not locked (that it did is noticed under the turn). Fills capa_hit with
-- every case of every new event, and works through those that may change something: by fingerprint, in runs of one case,
-- in the order sent. Runs of different fingerprints don't touch each other.
CREATE OR REPLACE FUNCTION capa.ingest_register(batch jsonb, bodies bytea, fresh int[], received_ timestamptz,
                                                nc_ int[], outcome_ text[], quiet_ boolean[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  texts text[] := capa.ingest_texts(batch);
  oldest_us bigint := capa.us_of(received_ - capa.setting_interval('observed_back'));
  by_rules text[] := ARRAY(SELECT c ->> 'rule' FROM jsonb_array_elements(batch -> 'cases') c WHERE c ? 'by');
  run record;
BEGIN
  PERFORM capa.ingest_stage();
  INSERT INTO pg_temp.capa_hit (n, place, case_no, observed, first_seen, source, type, subject, at, size)
  SELECT e.n, h.place, h.case_no, capa.observed(e.observed_us, received_, capa.us_of(received_), oldest_us), capa.at_us(e.since_us),
         e.source, e.type, e.subject, e.at, e.size
  FROM capa.ingest_events(batch, bodies, texts) e
  CROSS JOIN LATERAL (
    SELECT 0 AS place, e.case_no
    UNION ALL
    SELECT m.place::int, (m.pair ->> 1)::int FROM jsonb_array_elements(batch -> 'more') WITH ORDINALITY AS m(pair, place)
    WHERE (m.pair ->> 0)::int = e.n) h
  WHERE e.n = ANY (fresh);
  PERFORM capa.ingest_lock(ARRAY(
    SELECT DISTINCT c ->> 'fp' FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS x(c, place) WHERE NOT quiet_[place]
    UNION
    SELECT c ->> 'by' FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS x(c, place) WHERE NOT quiet_[place] AND c ? 'by'
    UNION
    SELECT jsonb_array_elements_text(c -> 'was') FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS x(c, place) WHERE NOT quiet_[place] AND c ? 'was'
    UNION
    SELECT capa.storm_fingerprint(r.id) FROM (   -- a rule's new failures are counted one daemon after the other
      SELECT DISTINCT (c ->> 'rule')::int AS no FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY AS x(c, place)
      WHERE NOT quiet_[place] AND c ->> 'effect' = 'fail') f JOIN capa.rule r ON r.ruleset = batch ->> 'ruleset' AND r.no = f.no));
  UPDATE pg_temp.capa_hit h SET nc = CASE WHEN outcome_[h.case_no + 1] <> 'none' THEN nc_[h.case_no + 1] END,
                                outcome = outcome_[h.case_no + 1]
  WHERE quiet_[h.case_no + 1];
  FOR run IN
    WITH hit AS (
      -- What is counted by something else than the fingerprint goes in the order sent over all of its rule.
      SELECT h.*, CASE WHEN c.c ->> 'rule' = ANY (by_rules) THEN 'rule ' || (c.c ->> 'rule') ELSE c.c ->> 'fp' END AS fp
      FROM pg_temp.capa_hit h CROSS JOIN LATERAL (SELECT batch -> 'cases' -> h.case_no AS c) c WHERE h.outcome IS NULL),
    numbered AS (
      SELECT *, row_number() OVER (PARTITION BY fp ORDER BY n, place)
                - row_number() OVER (PARTITION BY fp, case_no ORDER BY n, place) AS stretch FROM hit)
    SELECT case_no, array_agg((n, observed, first_seen, received_, source, type, subject, at, size)::capa.ingest_hit ORDER BY n, place) AS hits
    FROM numbered GROUP BY fp, case_no, stretch ORDER BY min(n), min(place)
  LOOP
    PERFORM capa.ingest_run(run.hits, run.case_no, batch, bodies);
  END LOOP;
  PERFORM capa.storm_tell();
END $$;
