-- Is this method called by another one, which will append (capa.together)?
CREATE OR REPLACE FUNCTION capa.is_together() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_together') IS NULL THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM pg_temp.capa_together);
END $$;
