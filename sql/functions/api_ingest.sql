-- The first door: a batch of events (sql/README.md, "What ingest takes"). Returns {"results":[...]}, one for each event.
-- One plan for all batches, by indexes: what is in one batch, or in tables that were empty, says nothing about the next.
CREATE OR REPLACE FUNCTION api.ingest(meta jsonb, bodies bytea) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET jit = off AS $$
DECLARE
  verdicts text[];
BEGIN
  PERFORM capa.ingest_check(meta, bodies);
  verdicts := capa.ingest_batch(meta, bodies);
  RETURN '{"results":[' || array_to_string(verdicts, ',') || ']}';
END $$;
