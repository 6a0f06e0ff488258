-- Last step: what each event got, as JSON text, element n + 1 of event n (only_: that event alone). Those that were not
-- stored are told apart here, kept where they belong, and counted: no row of anything is updated for them.
CREATE OR REPLACE FUNCTION capa.ingest_verdicts(batch jsonb, bodies bytea, received_ timestamptz, first_ bigint, only_ int,
                                                stored int[], o capa.ingest_outcome) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  event_result text[] := o.event_result;
  case_verdict text[] := ARRAY(SELECT '{"status":"stored","results":' || r || '}' FROM unnest(o.case_result) WITH ORDINALITY x(r, i) ORDER BY i);
  texts text[];
  verdicts text[];
BEGIN
  IF cardinality(stored) = (batch ->> 'count')::int THEN
    IF event_result IS NULL THEN
      RETURN ARRAY(SELECT case_verdict[c + 1] FROM unnest((batch ->> 'case')::int[]) c);
    END IF;
    RETURN ARRAY(SELECT coalesce('{"status":"stored","results":' || event_result[e.place] || '}', case_verdict[e.case_no + 1])
                 FROM unnest((batch ->> 'case')::int[]) WITH ORDINALITY AS e(case_no, place) ORDER BY e.place);
  END IF;
  texts := capa.ingest_texts(batch);
  WITH seen AS MATERIALIZED (
    SELECT e.*, a.why, a.id, k.eventno, k.results,
           coalesce(a.status, CASE WHEN e.n = ANY (stored) THEN 'stored'
                                   WHEN k.body_hash = e.body_hash THEN 'duplicate' ELSE 'conflict' END) AS status
    FROM capa.ingest_events(batch, bodies, texts) e
    LEFT JOIN jsonb_to_recordset(batch -> 'aside') AS a(event int, status text, why text, id text)
      ON a.event = e.n AND e.case_no < 0
    LEFT JOIN LATERAL (SELECT * FROM capa.event_key x WHERE x.key = e.key AND e.case_no >= 0 LIMIT 1) k ON true
    WHERE only_ IS NULL OR e.n = only_),
  judged AS MATERIALIZED (
    SELECT s.*, CASE WHEN s.status = 'conflict'
                     THEN format('event %s has the same source and id but other bytes', s.eventno) ELSE s.why END AS reason
    FROM seen s),
  counted AS (
    INSERT INTO capa.tally (source, type, status, n, first_at, last_at)
    SELECT source, type, status, count(*), received_, received_ FROM judged WHERE status <> 'stored'
    GROUP BY source, type, status),
  ignored_ AS (
    INSERT INTO capa.ignored (received, source, type, subject, adapter, redacted, body)
    SELECT received_, source, type, subject, adapter, redacted, substring(bodies FROM at + 1 FOR size) FROM judged
    WHERE status = 'ignored' AND NOT EXISTS (SELECT FROM capa.chore WHERE name = 'ignored_full')),
  refused AS (
    INSERT INTO capa.quarantine (received, status, reason, source, type, id, adapter, redacted, body)
    SELECT received_, status, coalesce(reason, ''), source, type, id, adapter, redacted, substring(bodies FROM at + 1 FOR size)
    FROM judged
    WHERE status NOT IN ('stored', 'duplicate', 'ignored')
      AND NOT EXISTS (SELECT FROM capa.chore WHERE name = 'quarantine_full'))
  SELECT array_agg('{"status":"' || status || '","results":' || coalesce(results, '[]')
                   || CASE WHEN reason IS NULL THEN '' ELSE ',"error":' || to_json(reason)::text END || '}' ORDER BY n)
  INTO verdicts FROM (SELECT j.n, j.status, CASE WHEN j.status = 'conflict' THEN NULL ELSE j.results END AS results,
                             CASE WHEN j.status IN ('stored', 'duplicate', 'ignored') THEN NULL ELSE j.reason END AS reason
                      FROM judged j) v;
  RETURN verdicts;
END $$;
