-- Second step of a batch, "evidence", done last, under the turn: keys and events get their numbers, event n first_ + n. only_:
-- this event alone. Returns the numbers of the events that were stored; the others' keys were taken already. A later
-- part of a fan-out stores no bytes but the number of the part that holds the frame, and where it lies in it.
CREATE OR REPLACE FUNCTION capa.ingest_store(batch jsonb, bodies bytea, received_ timestamptz, first_ bigint, only_ int,
                                             o capa.ingest_outcome) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
  back interval := capa.setting_interval('observed_back');
  stored int[];
  wanted int;
  parents jsonb;
BEGIN
  WITH row_ AS (
    INSERT INTO capa.event_key (key, body_hash, eventno, results)
    SELECT e.key, e.body_hash, first_ + e.n, coalesce(o.event_result[e.n + 1], o.case_result[e.case_no + 1])
    FROM capa.ingest_events(batch, bodies) e
    WHERE e.case_no >= 0 AND (only_ IS NULL OR e.n = only_)
    ON CONFLICT DO NOTHING RETURNING eventno)
  SELECT coalesce(array_agg((eventno - first_)::int), '{}') INTO stored FROM row_;
  IF batch ? 'frames' THEN
    SELECT jsonb_object_agg(p.frame, p.parent) INTO parents FROM (
      SELECT e.frame, min(k.eventno) AS parent FROM capa.ingest_events(batch, bodies) e
      JOIN capa.event_key k ON k.key = e.key AND k.eventno = first_ + e.n
      WHERE e.frame IS NOT NULL GROUP BY e.frame) p;
  END IF;
  wanted := CASE WHEN only_ IS NULL THEN (batch ->> 'count')::int END;
  INSERT INTO capa.event (eventno, received, observed, first_seen, nc, effect, outcome, source, type, subject, adapter,
                          digest, salt, body, parent, part_from, part_size)
  SELECT first_ + e.n, received_, capa.observed(e.observed_us, received_, back), to_timestamp(e.since_us / 1e6),
         CASE WHEN o.event_result[e.n + 1] IS NULL THEN o.case_nc[e.case_no + 1] ELSE o.event_nc[e.n + 1] END,
         coalesce(o.event_effect[e.n + 1], o.case_effect[e.case_no + 1]),
         coalesce(o.event_outcome[e.n + 1], o.case_outcome[e.case_no + 1]),
         coalesce(e.source, ''), coalesce(e.type, ''), e.subject, e.adapter, e.digest, e.salt,
         CASE WHEN e.frame IS NULL THEN convert_from(substring(bodies FROM e.at + 1 FOR e.size), 'UTF8')
              WHEN (parents ->> e.frame::text)::bigint = first_ + e.n THEN
                convert_from(substring(bodies FROM (batch -> 'frames' -> e.frame ->> 0)::int + 1
                                       FOR (batch -> 'frames' -> e.frame ->> 1)::int), 'UTF8') END,
         CASE WHEN e.frame IS NOT NULL THEN (parents ->> e.frame::text)::bigint END,
         CASE WHEN e.frame IS NOT NULL THEN e.at - (batch -> 'frames' -> e.frame ->> 0)::int END,
         CASE WHEN e.frame IS NOT NULL THEN e.size END
  FROM capa.ingest_events(batch, bodies) e
  WHERE cardinality(stored) = wanted OR e.n = ANY (stored);
  RETURN stored;
END $$;
