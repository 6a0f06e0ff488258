-- Before events of a partition go: what of an NC must outlive them (SEMANTICS section 2) becomes evidence: of each cycle the first
-- fail, the last in this partition, and the worst in it; the others leave their digest. The worst of the first cycle was kept when
-- it came, since it raised the grade (capa.ingest_grow); in a later cycle what is no worse than earlier ones raises nothing.
CREATE OR REPLACE FUNCTION capa.retain_copy(name_ text, before_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  e record;
  bytes bytea;
  sha256_ text;
BEGIN
  FOR e IN EXECUTE format(
    'SELECT DISTINCT ON (x.nc, c.no, x.eventno) x.*, c.no AS cycle,
            CASE x.eventno WHEN x.last THEN ''last'' WHEN x.worst THEN ''worst'' ELSE ''first'' END AS role
     FROM (SELECT v.eventno, v.received, v.nc, v.digest, v.salt, v.redacted, v.source, v.type,
                  min(v.eventno) OVER w AS first, max(v.eventno) OVER w AS last, v.cycle, v.grade_rank,
                  first_value(v.eventno) OVER (w ORDER BY v.grade_rank DESC NULLS LAST, v.eventno) AS worst,
                  first_value(v.grade_rank) OVER (w ORDER BY v.eventno DESC) AS last_rank
           FROM (SELECT y.*, (SELECT max(k.no) FROM capa.cycle k WHERE k.nc = y.nc AND k.began_at <= y.received) AS cycle
                 FROM capa.%I y WHERE y.nc IS NOT NULL AND y.effect = ''f'' AND y.received < $1) v
           WINDOW w AS (PARTITION BY v.nc, v.cycle)) x
     JOIN capa.cycle c ON c.nc = x.nc AND c.no = coalesce(x.cycle, 1)
     WHERE (x.eventno = x.last OR x.eventno = x.first AND NOT EXISTS (
              SELECT FROM capa.evidence v WHERE v.nc = x.nc AND v.cycle = c.no AND v.role IN (''raised'', ''recurred'', ''first''))
            OR x.eventno = x.worst AND c.no > 1 AND x.grade_rank > x.last_rank)
       AND NOT EXISTS (SELECT FROM capa.evidence v WHERE v.nc = x.nc AND v.eventno = x.eventno)
     ORDER BY x.nc, c.no, x.eventno', name_) USING before_
  LOOP
    bytes := capa.event_bytes(e.eventno);
    CONTINUE WHEN bytes IS NULL;
    sha256_ := encode(sha256(bytes), 'hex');
    INSERT INTO capa.evidence_body (sha256, body) VALUES (sha256_, bytes) ON CONFLICT DO NOTHING;
    INSERT INTO capa.event_proof (eventno, received, digest, salt, sha256, redacted)
    VALUES (e.eventno, e.received, e.digest, e.salt, sha256_, e.redacted) ON CONFLICT DO NOTHING;
    PERFORM capa.put('evidence', jsonb_build_object(
      'id', nextval('capa.evidence_no'), 'nc', e.nc, 'cycle', e.cycle, 'kind', 'event', 'name', e.type || ' ' || e.source,
      'role', e.role, 'sha256', sha256_, 'size', octet_length(bytes), 'eventno', e.eventno, 'author', 'system', 'at', capa.now()));
    PERFORM capa.tell('evidence.kept', 'retention', 'NC-' || e.nc, e.nc,
                      jsonb_build_object('what', 'evidence', 'eventno', e.eventno, 'role', e.role));
  END LOOP;
  PERFORM capa.retain_paths();
  EXECUTE format('INSERT INTO capa.event_gone (eventno, nc, effect, observed, digest)
                  SELECT eventno, nc, effect, observed, digest FROM capa.%I WHERE nc IS NOT NULL AND received < $1', name_) USING before_;
END $$;
