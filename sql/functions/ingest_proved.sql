-- Passes of this batch may have been the last that a criterion asked for: let those NCs advance, now that the events
-- count. Their rows and deadlines are locked already (capa.ingest_lock).
CREATE OR REPLACE FUNCTION capa.ingest_proved() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  nc_ int;
BEGIN
  FOR nc_ IN
    SELECT DISTINCT h.nc FROM pg_temp.capa_hit h JOIN capa.nc n ON n.id = h.nc
    WHERE h.outcome = 'evidence' AND n.state = 'verifying' AND capa.pass_proves(n.id) ORDER BY h.nc
  LOOP
    PERFORM capa.advance(nc_, 'ingest');
  END LOOP;
END $$;
