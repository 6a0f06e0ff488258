-- What a decision on one of an NC's requests may lock beside the NC, in the order that holds everywhere: of a merging both NCs and
-- their fingerprints, of a short closing that may be refused the NC's own fingerprint.
CREATE OR REPLACE FUNCTION capa.decide_lock(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  into_ int := (SELECT (q.what ->> 'into')::int FROM capa.request q WHERE q.nc = nc_ AND q.kind = 'merge' AND q.state = 'open');
BEGIN
  IF into_ IS NOT NULL THEN
    PERFORM capa.merge_lock(nc_, into_);
  ELSIF EXISTS (SELECT FROM capa.request q WHERE q.nc = nc_ AND q.kind = 'short_closing' AND q.state = 'open') THEN
    PERFORM capa.fingerprints_lock(ARRAY[nc_]);
  END IF;
END $$;
