-- The way to its root of each event that is kept only now, from the seal it lies under, while all events of that seal are there.
CREATE OR REPLACE FUNCTION capa.retain_paths() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s capa.seal;
  numbers bigint[];
  digests bytea[];
  kept int[];
  tree record;
BEGIN
  FOR s IN SELECT DISTINCT x.* FROM capa.seal x JOIN capa.event_proof p ON p.eventno BETWEEN x.first AND x.last
           WHERE p.seal IS NULL ORDER BY x.id LOOP
    SELECT array_agg(e.eventno ORDER BY e.eventno), array_agg(e.digest ORDER BY e.eventno) INTO numbers, digests
    FROM capa.event e WHERE e.eventno BETWEEN s.first AND s.last;
    CONTINUE WHEN coalesce(cardinality(numbers), 0) <> s.n;
    SELECT array_agg(array_position(numbers, p.eventno) ORDER BY p.eventno) INTO kept
    FROM capa.event_proof p WHERE p.seal IS NULL AND p.eventno BETWEEN s.first AND s.last;
    SELECT * INTO tree FROM capa.merkle(digests, kept);
    UPDATE capa.event_proof p SET seal = s.id, path = tree.paths -> (k.i - 1)::int
    FROM unnest(kept) WITH ORDINALITY k(place, i) WHERE p.eventno = numbers[k.place];
  END LOOP;
END $$;
