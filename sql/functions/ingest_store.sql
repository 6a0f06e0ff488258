-- Second step of a batch, "evidence", done last, under the turn: keys and events get their numbers, event n first_ + n. only_:
-- this event alone. Returns the numbers of the events that were stored; the others' keys were taken already. A later
-- part of a fan-out stores no bytes but the number of the part that holds the frame, and where it lies in it.
-- Reads the columns by subscript, in variables of their own: measured, twice as fast as unnesting ten of them.
CREATE OR REPLACE FUNCTION capa.ingest_store(batch jsonb, bodies bytea, received_ timestamptz, first_ bigint, only_ int,
                                             o capa.ingest_outcome) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
  received_us bigint := extract(epoch FROM received_) * 1000000;
  oldest_us bigint := extract(epoch FROM received_ - capa.setting_interval('observed_back')) * 1000000;
  last_ int := (batch ->> 'count')::int - 1;
  texts text[] := capa.ingest_texts(batch);
  at_ int[] := batch ->> 'at';
  size_ int[] := batch ->> 'size';
  case_ int[] := batch ->> 'case';
  source_ int[] := batch ->> 'source';
  type_ int[] := batch ->> 'type';
  subject_ int[] := batch ->> 'subject';
  adapter_ int[] := batch ->> 'adapter';
  redacted_ int[] := batch ->> 'redacted';
  time_ bigint[] := batch ->> 'time';
  since_ bigint[] := batch ->> 'since';
  frame_ int[] := batch ->> 'frame';
  case_nc int[] := o.case_nc;
  case_effect "char"[] := o.case_effect;
  case_outcome text[] := o.case_outcome;
  event_nc int[] := o.event_nc;
  event_effect "char"[] := o.event_effect;
  event_outcome text[] := o.event_outcome;
  case_rank smallint[] := ARRAY(SELECT capa.grade_rank(c ->> 'grade') FROM jsonb_array_elements(batch -> 'cases') WITH ORDINALITY x(c, no)
                                ORDER BY no);
  stored int[];
  parent_ bigint[];
BEGIN
  IF cardinality(at_) <> last_ + 1 OR cardinality(size_) <> last_ + 1 OR cardinality(case_) <> last_ + 1 THEN
    PERFORM capa.fail('invalid', 'The columns of the batch are not as long as its count says.', NULL,
                      'This is a mistake of the sender: see sql/README.md, "What ingest takes".');
  END IF;
  stored := capa.ingest_take(bodies, first_, coalesce(only_, 0), coalesce(only_, last_), case_, o);
  IF batch ? 'frames' THEN
    parent_ := capa.ingest_parents(batch, bodies, first_);
  END IF;
  INSERT INTO capa.event (eventno, received, observed, first_seen, nc, effect, outcome, source, type, subject, adapter,
                          redacted, digest, salt, body, parent, part_from, part_size, grade_rank)
  SELECT first_ + n, received_, capa.observed(time_[n + 1], received_, received_us, oldest_us),
         capa.at_us(nullif(since_[n + 1], 0)),
         CASE WHEN event_outcome[n + 1] IS NULL THEN case_nc[case_[n + 1] + 1] ELSE event_nc[n + 1] END,
         coalesce(event_effect[n + 1], case_effect[case_[n + 1] + 1]),
         coalesce(event_outcome[n + 1], case_outcome[case_[n + 1] + 1]),
         coalesce(texts[source_[n + 1] + 1], ''), coalesce(texts[type_[n + 1] + 1], ''),
         texts[subject_[n + 1] + 1], texts[adapter_[n + 1] + 1], texts[redacted_[n + 1] + 1],
         substring(bodies FROM 112 * n + 81 FOR 32), substring(bodies FROM 112 * n + 49 FOR 32),
         CASE WHEN frame_[n + 1] >= 0 THEN
           CASE WHEN parent_[frame_[n + 1] + 1] = first_ + n THEN capa.ingest_frame(batch, bodies, frame_[n + 1]) END
         ELSE convert_from(substring(bodies FROM at_[n + 1] + 1 FOR size_[n + 1]), 'UTF8') END,
         CASE WHEN frame_[n + 1] >= 0 THEN parent_[frame_[n + 1] + 1] END,
         CASE WHEN frame_[n + 1] >= 0 THEN at_[n + 1] - (batch -> 'frames' -> frame_[n + 1] ->> 0)::int END,
         CASE WHEN frame_[n + 1] >= 0 THEN size_[n + 1] END, case_rank[case_[n + 1] + 1]
  FROM generate_series(coalesce(only_, 0), coalesce(only_, last_)) n
  WHERE cardinality(stored) > last_ OR n = ANY (stored);
  IF o.further_n IS NOT NULL THEN
    INSERT INTO capa.event_nc (eventno, received, observed, nc, effect, outcome)
    SELECT first_ + f.n, received_, capa.observed(time_[f.n + 1], received_, received_us, oldest_us), f.nc, f.effect, f.outcome
    FROM unnest(o.further_n, o.further_nc, o.further_effect, o.further_outcome) AS f(n, nc, effect, outcome)
    WHERE (only_ IS NULL OR f.n = only_) AND f.n = ANY (stored);
  END IF;
  RETURN stored;
END $$;
