-- Second step of a batch, "evidence", done last, under the turn: keys and events get their numbers, event n first_ + n. only_:
-- this event alone. Returns the numbers of the events that were stored; the others' keys were taken already: under the
-- turn nobody else inserts keys, so looking is enough, and costs half of ON CONFLICT. Of one key in a batch the first counts.
-- Joins that read a whole table are off: a plan made while the register was young must not last until it is big. A later
-- part of a fan-out stores no bytes but the number of the part that holds the frame, and where it lies in it.
CREATE OR REPLACE FUNCTION capa.ingest_store(batch jsonb, bodies bytea, received_ timestamptz, first_ bigint, only_ int,
                                             o capa.ingest_outcome) RETURNS int[] LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  texts text[] := capa.ingest_texts(batch);
  case_ int[] := batch ->> 'case';
  received_us bigint := capa.us_of(received_);
  oldest_us bigint := capa.us_of(received_ - capa.setting_interval('observed_back'));
  stored int[];
  wanted int := CASE WHEN only_ IS NULL THEN (batch ->> 'count')::int END;
  parents jsonb;
BEGIN
  WITH row_ AS (
    INSERT INTO capa.event_key (key, body_hash, eventno, results)
    SELECT f.key, substring(bodies FROM 112 * f.n + 17 FOR 32), first_ + f.n,
           coalesce(o.event_result[f.n + 1], o.case_result[case_[f.n + 1] + 1])
    FROM (SELECT substring(bodies FROM 112 * g + 1 FOR 16) AS key, min(g) AS n
          FROM generate_series(coalesce(only_, 0), coalesce(only_, wanted - 1)) g WHERE case_[g + 1] >= 0 GROUP BY 1) f
    WHERE NOT EXISTS (SELECT FROM capa.event_key k WHERE k.key = f.key)
    RETURNING eventno)
  SELECT coalesce(array_agg((eventno - first_)::int), '{}') INTO stored FROM row_;
  IF batch ? 'frames' THEN
    SELECT jsonb_object_agg(p.frame, p.parent) INTO parents FROM (
      SELECT e.frame, min(k.eventno) AS parent FROM capa.ingest_events(batch, bodies, texts) e
      JOIN capa.event_key k ON k.key = e.key AND k.eventno = first_ + e.n
      WHERE e.frame IS NOT NULL GROUP BY e.frame) p;
  END IF;
  INSERT INTO capa.event (eventno, received, observed, first_seen, nc, effect, outcome, source, type, subject, adapter,
                          digest, salt, body, parent, part_from, part_size)
  SELECT first_ + e.n, received_, capa.observed(e.observed_us, received_, received_us, oldest_us), capa.at_us(e.since_us),
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
  FROM capa.ingest_events(batch, bodies, texts) e
  WHERE cardinality(stored) = wanted OR e.n = ANY (stored);
  RETURN stored;
END $$;
