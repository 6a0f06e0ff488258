-- When the first of the events was observed that a completed window holds and no NC has taken yet; null where there is none.
CREATE OR REPLACE FUNCTION capa.window_first() RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT min(r.observed) FROM pg_temp.capa_reached r WHERE r.nc IS NULL);
END $$;
