-- The locks of a merging: fingerprints of what goes (an event of it must not come half way), then both NCs, ascending.
CREATE OR REPLACE FUNCTION capa.merge_lock(from_ int, into_ int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.fingerprints_lock(ARRAY[from_, into_]);
  PERFORM FROM capa.nc WHERE id IN (from_, into_) ORDER BY id FOR UPDATE;
END $$;
