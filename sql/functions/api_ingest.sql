-- The first door: a batch of events (sql/README.md, "What ingest takes"). Returns {"results":[...]}, one for each event.
-- One plan for all batches: what is in one says nothing about the next.
CREATE OR REPLACE FUNCTION api.ingest(meta jsonb, bodies bytea) RETURNS json LANGUAGE plpgsql SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  verdicts text[];
BEGIN
  PERFORM capa.ingest_check(meta, bodies);
  verdicts := capa.ingest_batch(meta, bodies);
  PERFORM capa.append('system');
  RETURN ('{"results":[' || array_to_string(verdicts, ',') || ']}')::json;
END $$;
