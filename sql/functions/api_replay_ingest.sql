-- Plays one batch of events in the session's replay, as if received at this moment (µs): the form is that of api.ingest, or, after a data error, of
-- api.ingest_careful. Returns when a tick is due next (µs), null: never.
CREATE OR REPLACE FUNCTION api.replay_ingest(at_us bigint, meta jsonb, bodies bytea, careful boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET enable_seqscan = off SET jit = off AS $$
BEGIN
  PERFORM pg_temp.move(capa.at_us(at_us));
  IF careful THEN
    PERFORM pg_temp.api_ingest_careful(meta, bodies);
  ELSE
    PERFORM pg_temp.api_ingest(meta, bodies);
  END IF;
  RETURN capa.us_of(pg_temp.next(true));
END $$;
