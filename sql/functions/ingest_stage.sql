-- Temporary tables of the session for what a batch that changes the register has in hand, emptied before the next one:
-- capa_hit, one row for each case of each event in hand and what it did; capa_kept, the events that became evidence;
-- capa_muted, fails that were held back; capa_overflow, failures that a storm took.
CREATE OR REPLACE FUNCTION capa.ingest_stage() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_hit') IS NULL THEN
    CREATE TEMPORARY TABLE capa_hit (
      n int NOT NULL, place int NOT NULL, case_no int NOT NULL, observed timestamptz NOT NULL, first_seen timestamptz,
      source text, type text, subject text, at int, size int, nc int, outcome text, PRIMARY KEY (n, place));
    CREATE TEMPORARY TABLE capa_kept (n int NOT NULL, nc int NOT NULL, evidence int NOT NULL);
    CREATE TEMPORARY TABLE capa_muted (n int NOT NULL, fingerprint bytea NOT NULL, received timestamptz NOT NULL, observed timestamptz NOT NULL,
      rule text NOT NULL, rule_hold int, silence int, what jsonb NOT NULL);
    CREATE TEMPORARY TABLE capa_overflow (fingerprint text PRIMARY KEY, rule text NOT NULL, title text NOT NULL, found text, grade text,
      asset text, source text, at timestamptz NOT NULL, controls text[]);
  END IF;
  PERFORM capa.stage_clear('capa_hit');
  PERFORM capa.stage_clear('capa_muted');
  PERFORM capa.stage_clear('capa_overflow');
END $$;
