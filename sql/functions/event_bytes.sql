-- The bytes of one event as received (of a fan-out's part: its own slice of the frame), or null if they were redacted, or retention took them and
-- they are no evidence. plpgsql, because an SQL function that an expression of plpgsql calls keeps its plan to the end of the
-- transaction, and retention drops partitions that such a plan names.
CREATE OR REPLACE FUNCTION capa.event_bytes(eventno_ bigint) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(
    (SELECT CASE WHEN e.parent IS NULL THEN convert_to(e.body, 'UTF8')
                 ELSE (SELECT substring(convert_to(p.body, 'UTF8') FROM e.part_from + 1 FOR e.part_size)
                       FROM capa.event p WHERE p.eventno = e.parent) END
     FROM capa.event e WHERE e.eventno = eventno_ AND e.salt IS NOT NULL),
    (SELECT b.body FROM capa.event_proof p JOIN capa.evidence_body b USING (sha256) WHERE p.eventno = eventno_));
END $$;
