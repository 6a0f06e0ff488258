-- Makes an event evidence for good: its bytes and what proves them are copied where retention does not reach, before its
-- partition is dropped. Fills name, sha256 and size of the row (SEMANTICS section 2, "What must outlive retention").
CREATE OR REPLACE FUNCTION capa.evidence_event(INOUT e capa.evidence) LANGUAGE plpgsql AS $$
DECLARE
  bytes bytea := capa.event_bytes(e.eventno);
BEGIN
  IF bytes IS NULL THEN
    PERFORM capa.fail('not_found', format('There is no event %s (any more).', e.eventno), NULL,
      'capactl show REF --json names the events of an NC.');
  END IF;
  e.name := (SELECT v.type FROM capa.event v WHERE v.eventno = e.eventno);
  e.sha256 := encode(sha256(bytes), 'hex');
  e.size := length(bytes);
  INSERT INTO capa.evidence_body VALUES (e.sha256, bytes) ON CONFLICT DO NOTHING;
  INSERT INTO capa.event_proof (eventno, received, digest, salt, sha256, redacted)
  SELECT v.eventno, v.received, v.digest, v.salt, e.sha256, v.redacted FROM capa.event v WHERE v.eventno = e.eventno ON CONFLICT DO NOTHING;
END $$;
