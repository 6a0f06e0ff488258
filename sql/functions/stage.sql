-- What a transaction has changed and will say, until capa.append writes it to the journal as the last
-- step. Temporary tables of the session, emptied at commit: nothing of them outlives a transaction,
-- and other sessions' old snapshots keep no dead rows of them.
CREATE OR REPLACE FUNCTION capa.stage() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_entry') IS NULL THEN
    CREATE TEMPORARY TABLE capa_change (
      n bigint GENERATED ALWAYS AS IDENTITY, tbl text NOT NULL, rows jsonb NOT NULL) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE capa_entry (
      n bigint GENERATED ALWAYS AS IDENTITY, topic text NOT NULL, kind text NOT NULL, ref text, nc int,
      data jsonb NOT NULL) ON COMMIT DELETE ROWS;
  END IF;
END $$;
