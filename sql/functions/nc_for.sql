-- The NC that speaks for a fingerprint: the open one, else the newest; of a merged one the NC it was merged into. Null
-- if the register has none.
CREATE OR REPLACE FUNCTION capa.nc_for(fingerprint_ bytea) RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
  found_ record;
BEGIN
  SELECT id, state, merged_into INTO found_ FROM capa.nc WHERE fingerprint = fingerprint_
  ORDER BY capa.has_left(state), id DESC LIMIT 1;
  FOR i IN 1 .. 100 LOOP
    EXIT WHEN found_.state IS DISTINCT FROM 'merged' OR found_.merged_into IS NULL;
    SELECT id, state, merged_into INTO found_ FROM capa.nc WHERE id = found_.merged_into;
  END LOOP;
  RETURN found_.id;
END $$;
