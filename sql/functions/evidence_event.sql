-- Makes an event evidence for good: its bytes are copied where retention does not reach them, before its partition is
-- dropped. Fills name, sha256 and size of the row (SEMANTICS section 2, "What must outlive retention").
CREATE OR REPLACE FUNCTION capa.evidence_event(INOUT e capa.evidence) LANGUAGE plpgsql AS $$
DECLARE
  v capa.event;
  body_ bytea;
BEGIN
  SELECT * INTO v FROM capa.event WHERE eventno = e.eventno;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no event %s (any more).', e.eventno), NULL,
      'capactl show REF --json names the events of an NC.');
  END IF;
  body_ := convert_to(v.body, 'UTF8');
  IF v.body IS NULL THEN
    SELECT substr(convert_to(p.body, 'UTF8'), v.part_from + 1, v.part_size) INTO body_
      FROM capa.event p WHERE p.eventno = v.parent;
  END IF;
  e.name := v.type;
  e.sha256 := encode(sha256(body_), 'hex');
  e.size := length(body_);
  INSERT INTO capa.evidence_body VALUES (e.sha256, body_) ON CONFLICT DO NOTHING;
END $$;
