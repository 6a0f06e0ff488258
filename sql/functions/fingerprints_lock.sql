-- Takes the locks of these NCs' fingerprints, and of those of all that was merged into them, in the order of capa.ingest_lock:
-- before any NC row. For what changes which NC speaks for a fingerprint; an event that comes meanwhile waits for it. Who holds
-- rows already does not wait (wait_ false) and may be told false: somebody else has one of them.
CREATE OR REPLACE FUNCTION capa.fingerprints_lock(ncs int[], wait_ boolean DEFAULT true) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  number bigint;
BEGIN
  FOR number IN
    SELECT DISTINCT hashtextextended(encode(n.fingerprint, 'hex'), 0)
    FROM unnest(ncs) i CROSS JOIN LATERAL unnest(capa.merged_under(i) || i) m JOIN capa.nc n ON n.id = m
    WHERE n.fingerprint IS NOT NULL ORDER BY 1
  LOOP
    IF wait_ THEN
      PERFORM pg_advisory_xact_lock(number);
    ELSIF NOT pg_try_advisory_xact_lock(number) THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;
