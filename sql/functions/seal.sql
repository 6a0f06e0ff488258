-- Closes the events since the last seal under a Merkle root in the journal, once a minute if events came; at once if more came
-- than one seal takes. A seal ends with its month, so that it is whole as long as the partition is. What a snapshot
-- sees of the events is all up to some number (capa.rollup), so a seal misses none. Returns how many were made.
-- Called each second, so whether one is due is asked of the index first: numbers have gaps, their distance is never less than
-- their count. The memory is what the most events of one seal take without going to disk.
CREATE OR REPLACE FUNCTION capa.seal() RETURNS int LANGUAGE plpgsql SET work_mem = '64MB' AS $$
DECLARE
  every interval := capa.setting_interval('seal_every');
  most int := (SELECT value::text::int FROM capa.setting WHERE name = 'seal_events');
  before_ capa.seal;
  digests bytea[];
  numbers bigint[];
  kept int[];
  tree record;
  s capa.seal;
  made int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('capa.seal')) THEN
    RETURN 0;
  END IF;
  LOOP
    SELECT * INTO before_ FROM capa.seal ORDER BY id DESC LIMIT 1;
    EXIT WHEN made >= 2;
    EXIT WHEN before_.at + every > capa.now() AND before_.at <= capa.now()
              AND ((SELECT max(e.eventno) FROM capa.event e) - before_.last < most
                   OR NOT EXISTS (SELECT FROM capa.event e WHERE e.eventno > before_.last
                                  ORDER BY e.eventno OFFSET most - 1 LIMIT 1));
    SELECT array_agg(e.digest ORDER BY e.eventno), array_agg(e.eventno ORDER BY e.eventno) INTO digests, numbers
    FROM (SELECT y.digest, y.eventno, bool_and(y.month = y.first_month) OVER (ORDER BY y.eventno) AS within_month
          FROM (
          SELECT x.digest, x.eventno, date_trunc('month', x.received) AS month,
                 first_value(date_trunc('month', x.received)) OVER (ORDER BY x.eventno) AS first_month
          FROM capa.event x WHERE x.eventno > coalesce(before_.last, 0) ORDER BY x.eventno LIMIT most) y) e
    WHERE e.within_month;
    EXIT WHEN numbers IS NULL;
    EXIT WHEN before_.at + every > capa.now() AND before_.at <= capa.now() AND cardinality(numbers) < most;
    SELECT array_agg(array_position(numbers, p.eventno) ORDER BY p.eventno) INTO kept
    FROM capa.event_proof p WHERE p.seal IS NULL AND p.eventno BETWEEN numbers[1] AND numbers[cardinality(numbers)];
    SELECT * INTO tree FROM capa.merkle(digests, kept);
    s := ROW(nextval('capa.seal_no'), numbers[1], numbers[cardinality(numbers)], cardinality(numbers),
             encode(tree.root, 'hex'), capa.now());
    PERFORM capa.put('seal', to_jsonb(s));
    UPDATE capa.event_proof p SET seal = s.id, path = tree.paths -> (k.i - 1)::int
    FROM unnest(kept) WITH ORDINALITY k(place, i) WHERE p.eventno = numbers[k.place];
    PERFORM capa.tell('evidence.sealed', 'seal', NULL, NULL,
      jsonb_build_object('from', s.first, 'to', s.last, 'n', s.n, 'root', s.root));
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
