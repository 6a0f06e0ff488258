-- Which functions this database has: a daemon refuses to serve on those of another version.
CREATE OR REPLACE FUNCTION api.schema_fingerprint() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = capa, api, pg_temp AS $$
BEGIN
  IF to_regclass('capa.applied') IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT fingerprint FROM capa.applied);
END $$;
