-- Forgets outages that ended before a moment and that nothing can ask about any more (capa.uncovered): of the NCs whose asset or source was not
-- heard each was raised after the outage, or closed before it and has no follow-up, whose periods go on after a closing. The window behind a
-- closed one is shown as long as the NC is, so what lies in it stays.
CREATE OR REPLACE FUNCTION capa.missed_prune(before_ timestamptz) RETURNS void LANGUAGE sql AS $$
  DELETE FROM capa.missed m WHERE m.met_at < before_ AND NOT EXISTS (
    SELECT FROM (SELECT n.*, n.asset AS subject FROM capa.nc n UNION ALL SELECT n.*, n.source FROM capa.nc n) n
    WHERE n.subject = m.subject AND (m.rule, m.fingerprint) IS DISTINCT FROM (n.rule, n.fingerprint) AND n.raised_at < m.met_at
      AND (n.closed_at IS NULL OR n.closed_at > m.due OR EXISTS (SELECT FROM capa.follow_up f WHERE f.nc = n.id)))
$$;
