-- The NCs that were merged into this one, directly or through another, ascending.
CREATE OR REPLACE FUNCTION capa.merged_under(nc_ int) RETURNS int[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  all_ int[] := '{}';
  more int[];
BEGIN
  more := ARRAY(SELECT id FROM capa.nc WHERE merged_into = nc_);
  WHILE cardinality(more) > 0 LOOP
    all_ := all_ || more;
    more := ARRAY(SELECT id FROM capa.nc WHERE merged_into = ANY (more) AND NOT id = ANY (all_));
  END LOOP;
  RETURN ARRAY(SELECT i FROM unnest(all_) i ORDER BY i);
END $$;
