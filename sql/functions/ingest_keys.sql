-- First of the four steps: which events of a batch are new, in order: those for the register whose key nobody has yet, of
-- several with one key the first. only_: look at this event alone.
CREATE OR REPLACE FUNCTION capa.ingest_keys(batch jsonb, bodies bytea, only_ int) RETURNS int[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(f.n ORDER BY f.n), '{}')
  FROM (SELECT min(e.n) AS n, e.key FROM capa.ingest_events(batch, bodies, NULL) e
        WHERE e.case_no >= 0 AND (only_ IS NULL OR e.n = only_) GROUP BY e.key) f
  WHERE NOT EXISTS (SELECT FROM capa.event_key k WHERE k.key = f.key)
$$;
