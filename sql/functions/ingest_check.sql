-- Refuses a batch that is shorter than it says, before anything is read from it, and one under rules that were never loaded.
-- (That its columns are as long is seen when they are read: capa.ingest_store.)
CREATE OR REPLACE FUNCTION capa.ingest_check(batch jsonb, bodies bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  count_ int := (batch ->> 'count')::int;
BEGIN
  IF count_ IS NULL OR count_ < 1 OR octet_length(bodies) < 112 * count_ THEN
    PERFORM capa.fail('invalid', 'The batch is not what its count says.', NULL,
                      'This is a mistake of the sender: see sql/README.md, "What ingest takes".');
  ELSIF jsonb_array_length(batch -> 'cases') > 0
        AND NOT EXISTS (SELECT FROM capa.rule r WHERE r.ruleset = batch ->> 'ruleset') THEN
    PERFORM capa.fail('conflict', format('The rules %s were never loaded into the register.', batch ->> 'ruleset'), NULL,
                      'Load them with api.load(''rules'', …), then send the batch again.');
  END IF;
END $$;
