-- Several methods as one: between together(true) and together(false) capa.finish of the methods called leaves their changes in hand;
-- the caller's own capa.finish appends all of them at once, as the last step. The mark is a temporary table, which
-- the service role cannot make, so that nobody who connects can change the register without its journal.
CREATE OR REPLACE FUNCTION capa.together(begin_ boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_together') IS NULL THEN
    CREATE TEMPORARY TABLE capa_together (mark boolean NOT NULL);
  END IF;
  IF begin_ THEN
    INSERT INTO pg_temp.capa_together VALUES (true);
  ELSE
    DELETE FROM pg_temp.capa_together;
  END IF;
END $$;
