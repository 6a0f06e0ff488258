-- The events that are evidence of these NCs and whose bytes are kept, each with what proves it: salt and digest, the journal row of
-- its seal, and the way from the digest to the seal's root. Not sealed yet: without `seal`.
CREATE OR REPLACE FUNCTION capa.dossier_events(ncs int[])
RETURNS TABLE (evidence int, eventno bigint, digest bytea, salt bytea, seal bigint, root text, path jsonb) LANGUAGE plpgsql STABLE AS $$
DECLARE
  p record;
  s capa.seal;
  digests bytea[];
  place_ int;
BEGIN
  FOR p IN SELECT DISTINCT ON (e.id) e.id, x.* FROM capa.evidence e JOIN capa.event_proof x ON x.eventno = e.eventno
           WHERE e.nc = ANY (ncs) AND e.kind = 'event' AND e.removed_at IS NULL AND x.salt IS NOT NULL ORDER BY e.id LOOP
    evidence := p.id;
    eventno := p.eventno;
    digest := p.digest;
    salt := p.salt;
    path := p.path;
    SELECT * INTO s FROM capa.seal y WHERE y.id = p.seal OR (p.seal IS NULL AND p.eventno BETWEEN y.first AND y.last);
    IF s.id IS NOT NULL AND path IS NULL THEN
      SELECT array_agg(v.digest ORDER BY v.eventno), (array_position(array_agg(v.eventno ORDER BY v.eventno), p.eventno))
      INTO digests, place_ FROM capa.event v WHERE v.eventno BETWEEN s.first AND s.last;
      IF cardinality(digests) = s.n THEN
        path := (capa.merkle(digests, ARRAY[place_])).paths -> 0;
      END IF;
    END IF;
    root := CASE WHEN path IS NOT NULL THEN s.root END;
    seal := CASE WHEN path IS NOT NULL THEN (
      SELECT j.seq FROM capa.journal j JOIN capa.journal_body b USING (seq)
      WHERE j.at >= s.at AND j.topic = 'evidence.sealed' AND strpos(b.body, s.root) > 0 ORDER BY j.at LIMIT 1) END;
    RETURN NEXT;
  END LOOP;
END $$;
