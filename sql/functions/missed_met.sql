-- When an outage ended: the receipt of the first pass that was observed in the missed period or later; null while none came. capa.passed
-- keeps only the newest: what is to stay is written down by capa.missed_end.
CREATE OR REPLACE FUNCTION capa.missed_met(m capa.missed) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce(m.met_at, (SELECT min(p.received) FROM capa.passed p
                             WHERE p.fingerprint = m.fingerprint AND p.observed >= m.from_at AND p.received >= m.due))
$$;
