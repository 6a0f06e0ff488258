-- Takes the keys of events from_..to_ that are for the register, and returns the numbers of those that nobody had (of one key in
-- a batch, the first). First as if all were new, which is the rule and costs two thirds of asking key by key; if one
-- was taken, key by key. Under the turn nobody else inserts keys, so looking is enough. Joins that read a whole table are
-- off: a plan made while the register was young must not last until it is big.
CREATE OR REPLACE FUNCTION capa.ingest_take(bodies bytea, first_ bigint, from_ int, to_ int, case_ int[], o capa.ingest_outcome)
RETURNS int[] LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  event_result text[] := o.event_result;
  case_result text[] := o.case_result;
  stored int[];
BEGIN
  BEGIN
    INSERT INTO capa.event_key (key, body_hash, eventno, results)
    SELECT substring(bodies FROM 112 * n + 1 FOR 16), substring(bodies FROM 112 * n + 17 FOR 32), first_ + n,
           coalesce(event_result[n + 1], case_result[case_[n + 1] + 1])
    FROM generate_series(from_, to_) n WHERE case_[n + 1] >= 0;
    RETURN ARRAY(SELECT n FROM generate_series(from_, to_) n WHERE case_[n + 1] >= 0);
  EXCEPTION WHEN unique_violation THEN
    WITH row_ AS (
      INSERT INTO capa.event_key (key, body_hash, eventno, results)
      SELECT f.key, substring(bodies FROM 112 * f.n + 17 FOR 32), first_ + f.n,
             coalesce(event_result[f.n + 1], case_result[case_[f.n + 1] + 1])
      FROM (SELECT substring(bodies FROM 112 * g + 1 FOR 16) AS key, min(g) AS n
            FROM generate_series(from_, to_) g WHERE case_[g + 1] >= 0 GROUP BY 1) f
      WHERE NOT EXISTS (SELECT FROM capa.event_key k WHERE k.key = f.key)
      RETURNING eventno)
    SELECT coalesce(array_agg((eventno - first_)::int), '{}') INTO stored FROM row_;
    RETURN stored;
  END;
END $$;
