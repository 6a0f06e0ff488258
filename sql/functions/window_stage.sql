-- Temporary tables of the session for what windows have in hand until the batch's events have numbers: capa_counted, what did not raise
-- anything alone; capa_reached, what event by_n completes. Made when the first rule needs them, emptied by capa.window_kept.
CREATE OR REPLACE FUNCTION capa.window_stage() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_counted') IS NULL THEN
    CREATE TEMPORARY TABLE capa_counted (fingerprint bytea NOT NULL, rule_hash text NOT NULL, observed timestamptz NOT NULL,
      received timestamptz NOT NULL, value bytea, n int NOT NULL, until timestamptz NOT NULL);
    CREATE TEMPORARY TABLE capa_reached (eventno bigint, n int, observed timestamptz NOT NULL, received timestamptz NOT NULL,
      by_n int NOT NULL, nc int);
  END IF;
END $$;
