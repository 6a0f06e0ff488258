-- What a transaction has changed and will say, until capa.append, the last step of each, writes it to the journal and empties
-- these tables. Temporary tables of the session: other sessions' old snapshots keep no dead rows of them. Until then
-- rows are only added: one that was deleted would be looked at again by all that follows in the same transaction.
-- capa_entry.upto: the changes up to it are told.
CREATE OR REPLACE FUNCTION capa.stage() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_entry') IS NULL THEN
    CREATE TEMPORARY TABLE capa_change (
      n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tbl text NOT NULL, rows jsonb NOT NULL);
    CREATE TEMPORARY TABLE capa_entry (
      n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, kind text NOT NULL, ref text, nc int,
      data jsonb NOT NULL, upto bigint NOT NULL);
  END IF;
END $$;
