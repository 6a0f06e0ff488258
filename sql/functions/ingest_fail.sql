-- One fail event against the NC that speaks for its fingerprint (n.id null: there is none). Returns the outcome. A late fail
-- is an occurrence and nothing more (SEMANTICS section 5).
CREATE OR REPLACE FUNCTION capa.ingest_fail(n capa.nc, hit capa.ingest_hit, c jsonb, r capa.rule, bodies bytea)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz;
BEGIN
  IF n.id IS NULL THEN
    PERFORM capa.ingest_raise(hit, c, r, NULL, bodies);
    RETURN 'raised';
  ELSIF n.state = 'rejected' THEN
    IF n.suppressed_until > hit.received AND n.rule_hash = r.hash THEN
      PERFORM capa.pending(n.id, 1, 0, least(hit.observed, hit.first_seen), hit.observed);
      RETURN 'suppressed';
    END IF;
    PERFORM capa.ingest_raise(hit, c, r, n.id, bodies);
    RETURN 'raised';
  ELSIF n.state = 'closed' AND n.closed_at + capa.setting_interval('recurrence_window') < hit.received THEN
    PERFORM capa.ingest_raise(hit, c, r, n.id, bodies);
    RETURN 'raised';
  ELSIF n.state IN ('closed', 'verifying') THEN
    moment := CASE n.state WHEN 'closed' THEN n.closed_at ELSE
      (SELECT max(a.done_at) FROM capa.action a
       WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state = 'done') END;
    IF NOT capa.is_late(hit.observed, hit.received, moment) THEN
      RETURN capa.ingest_recur(n.id, hit, c, bodies);
    END IF;
  END IF;
  PERFORM capa.pending(n.id, 1, 0, least(hit.observed, hit.first_seen), hit.observed);
  RETURN 'occurrence';
END $$;
