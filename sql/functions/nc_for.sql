-- The NC that speaks for a fingerprint: the open one, else the newest; of a merged one the NC it was merged into. Null
-- if the register has none.
CREATE OR REPLACE FUNCTION capa.nc_for(fingerprint_ bytea) RETURNS int LANGUAGE sql STABLE AS $$
  WITH RECURSIVE chain AS (
    (SELECT id, merged_into, state, 1 AS depth FROM capa.nc WHERE fingerprint = fingerprint_
     ORDER BY state IN ('closed', 'rejected', 'merged'), id DESC LIMIT 1)
    UNION ALL
    SELECT n.id, n.merged_into, n.state, c.depth + 1 FROM chain c JOIN capa.nc n ON n.id = c.merged_into
    WHERE c.state = 'merged' AND c.depth < 100)
  SELECT id FROM chain ORDER BY depth DESC LIMIT 1
$$;
