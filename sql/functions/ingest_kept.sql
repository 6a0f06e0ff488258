-- Now that the events have numbers, first_ + n: those that became evidence get theirs, as a further change in the newest journal
-- row of their NC, and what proves them once the event is gone. Leaves nothing in hand.
CREATE OR REPLACE FUNCTION capa.ingest_kept(first_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rows_ jsonb;
BEGIN
  SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('eventno', first_ + k.n) ORDER BY e.id) INTO rows_
  FROM pg_temp.capa_kept k JOIN capa.evidence e ON e.id = k.evidence;
  IF rows_ IS NOT NULL THEN
    PERFORM capa.apply('evidence', rows_);
    UPDATE pg_temp.capa_entry t
    SET data = jsonb_set(t.data, '{changes}', coalesce(t.data -> 'changes', '[]')
                         || jsonb_build_object('table', 'evidence', 'rows', k.rows))
    FROM (SELECT (r ->> 'nc')::int AS nc, jsonb_agg(r) AS rows FROM jsonb_array_elements(rows_) r GROUP BY 1) k
    JOIN (SELECT x.nc, max(x.n) AS n FROM pg_temp.capa_entry x GROUP BY x.nc) newest ON newest.nc = k.nc
    WHERE t.n = newest.n;
    INSERT INTO capa.event_proof (eventno, received, digest, salt, sha256, redacted)
    SELECT DISTINCT ON (e.eventno) e.eventno, e.received, e.digest, e.salt, v.sha256, e.redacted
    FROM pg_temp.capa_kept k JOIN capa.evidence v ON v.id = k.evidence
    CROSS JOIN LATERAL (SELECT * FROM capa.event x WHERE x.eventno = first_ + k.n) e
    ON CONFLICT DO NOTHING;
    PERFORM capa.stage_clear('capa_kept');
  END IF;
  INSERT INTO capa.muted (eventno, received, observed, fingerprint, rule, rule_hold, silence, what, looked)
  SELECT first_ + m.n, m.received, m.observed, m.fingerprint, m.rule, m.rule_hold, m.silence, m.what, m.rule_hold IS NOT NULL FROM pg_temp.capa_muted m;
  PERFORM capa.stage_clear('capa_muted');
  IF to_regclass('pg_temp.capa_pending') IS NOT NULL THEN
    PERFORM capa.stage_clear('capa_pending');
  END IF;
END $$;
