-- The number after which changes were put in this transaction that no journal row tells yet; null if all are told.
CREATE OR REPLACE FUNCTION capa.untold() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  told bigint;
BEGIN
  IF to_regclass('pg_temp.capa_entry') IS NULL THEN
    RETURN NULL;
  END IF;
  told := coalesce((SELECT e.upto FROM pg_temp.capa_entry e ORDER BY e.n DESC LIMIT 1), 0);
  RETURN CASE WHEN EXISTS (SELECT FROM pg_temp.capa_change c WHERE c.n > told) THEN told END;
END $$;
