-- What was counted of all NCs that were merged into this one, while they were their own: it is told with the target's own
-- (capa.summary).
CREATE OR REPLACE FUNCTION capa.merged_count(nc_ int, OUT fails bigint, OUT first_seen timestamptz, OUT last_seen timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  fails := 0;
  IF EXISTS (SELECT FROM capa.nc WHERE merged_into = nc_) THEN
    SELECT sum(c.fails), min(least(n.first_seen, c.first_seen)), max(coalesce(c.last_seen, n.first_seen)) INTO fails, first_seen, last_seen
    FROM capa.nc n CROSS JOIN LATERAL capa.nc_count(n.id) c WHERE n.id = ANY (capa.merged_under(nc_));
  END IF;
END $$;
