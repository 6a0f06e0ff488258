-- Refuses to make an NC open again while another one of its fingerprint is open. The caller holds the fingerprint's lock
-- (capa.fingerprints_lock), so that none is raised meanwhile.
CREATE OR REPLACE FUNCTION capa.fingerprint_free(n capa.nc, sentence text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  other int := capa.fingerprint_open(n);
BEGIN
  IF other IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s: the same failure is open as NC-%s already.', sentence, other), NULL,
      format('Work on NC-%s; capactl note NC-%s can refer to this one.', other, other));
  END IF;
END $$;
