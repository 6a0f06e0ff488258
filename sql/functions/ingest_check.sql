-- Refuses a batch that the daemon made wrong, before anything is read from it, and one under rules that were never loaded.
CREATE OR REPLACE FUNCTION capa.ingest_check(batch jsonb, bodies bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  count_ int := (batch ->> 'count')::int;
BEGIN
  IF count_ IS NULL OR count_ < 1 OR octet_length(bodies) < 112 * count_
     OR cardinality((batch ->> 'at')::int[]) <> count_ OR cardinality((batch ->> 'case')::int[]) <> count_ THEN
    PERFORM capa.fail('invalid', 'The batch is not what its count says.', NULL,
                      'This is a mistake of the sender: see sql/README.md, "What ingest takes".');
  ELSIF jsonb_array_length(batch -> 'cases') > 0
        AND NOT EXISTS (SELECT FROM capa.rule r WHERE r.ruleset = batch ->> 'ruleset') THEN
    PERFORM capa.fail('conflict', format('The rules %s were never loaded into the register.', batch ->> 'ruleset'), NULL,
                      'Load them with api.load(''rules'', …), then send the batch again.');
  END IF;
END $$;
