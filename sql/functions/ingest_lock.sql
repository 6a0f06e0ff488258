-- Everything that the register's work on these fingerprints may lock, in the order that holds everywhere: first the
-- fingerprints themselves (two daemons may see the first fail of one at the same time), then NC rows, then their
-- running deadlines, each ascending.
CREATE OR REPLACE FUNCTION capa.ingest_lock(fingerprints text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  number bigint;
  ncs int[];
BEGIN
  FOR number IN SELECT DISTINCT hashtextextended(f, 0) FROM unnest(fingerprints) f ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock(number);
  END LOOP;
  SELECT array_agg(DISTINCT t.nc) INTO ncs
  FROM (SELECT capa.nc_for(decode(f, 'hex')) AS nc FROM unnest(fingerprints) f
        UNION ALL
        SELECT n.id FROM unnest(fingerprints) f JOIN capa.nc n ON n.fingerprint = decode(f, 'hex')
          JOIN capa.follow_up u ON u.nc = n.id AND u.state = 'running') t WHERE t.nc IS NOT NULL;
  PERFORM FROM capa.nc WHERE id = ANY (ncs) ORDER BY id FOR UPDATE;
  PERFORM FROM capa.deadline WHERE nc = ANY (ncs) AND met_at IS NULL AND void_at IS NULL ORDER BY id FOR UPDATE;
END $$;
