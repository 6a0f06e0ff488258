-- Writes down which outages have ended: a pass came, or it is expected no more. Of one fingerprint, or of all.
CREATE OR REPLACE FUNCTION capa.missed_end(fingerprint_ bytea DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  UPDATE capa.missed m SET met_at = coalesce(capa.missed_met(m), greatest(m.due, capa.now()))
  WHERE m.met_at IS NULL AND (fingerprint_ IS NULL OR m.fingerprint = fingerprint_)
    AND (capa.missed_met(m) IS NOT NULL OR NOT EXISTS (
      SELECT FROM capa.expectation e WHERE e.rule = m.rule AND e.fingerprint = m.fingerprint AND e.step = 0))
$$;
