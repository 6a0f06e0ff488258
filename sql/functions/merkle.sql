-- The Merkle tree over digests in order (SEMANTICS section 3): leaf = SHA-256(00 | digest), node = SHA-256(01 | left | right), a node
-- without a neighbour goes up as it is. Gives the root and, for each place in `wanted` (from 1), the way to it: the
-- neighbours from the leaf up, [["l"|"r", hex], ...].
-- One plan for all levels: a plan of its own for each would hold the level as a constant, and look up its elements one by one.
CREATE OR REPLACE FUNCTION capa.merkle(digests bytea[], wanted int[], OUT root bytea, OUT paths jsonb) LANGUAGE plpgsql
IMMUTABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  level bytea[] := ARRAY(SELECT sha256('\x00'::bytea || d) FROM unnest(digests) WITH ORDINALITY x(d, i) ORDER BY i);
  size int := cardinality(digests);
  place int[] := wanted;
  other int;
BEGIN
  paths := to_jsonb(array_fill('[]'::jsonb, ARRAY[coalesce(cardinality(wanted), 0)]));
  WHILE size > 1 LOOP
    FOR k IN 1 .. coalesce(cardinality(wanted), 0) LOOP
      other := ((place[k] - 1) # 1) + 1;
      IF other <= size THEN
        paths := jsonb_insert(paths, ARRAY[(k - 1)::text, '-1'], jsonb_build_array(
          CASE WHEN other < place[k] THEN 'l' ELSE 'r' END, encode(level[other], 'hex')), true);
      END IF;
      place[k] := (place[k] + 1) / 2;
    END LOOP;
    level := ARRAY(SELECT CASE WHEN 2 * i > size THEN level[2 * i - 1]
                               ELSE sha256('\x01'::bytea || level[2 * i - 1] || level[2 * i]) END
                   FROM generate_series(1, (size + 1) / 2) i ORDER BY i);
    size := (size + 1) / 2;
  END LOOP;
  root := level[1];
END $$;
