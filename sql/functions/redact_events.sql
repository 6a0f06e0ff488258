-- Takes the bytes and salts of events away; digests, numbers, times and what they did stay, so that seals and counts hold. Of
-- a fan-out only this event's part of the frame is blanked, because the other parts are other events' bytes; once all parts of a
-- frame are redacted nothing of it stays. Returns how many still had their bytes.
CREATE OR REPLACE FUNCTION capa.redact_events(numbers bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  part record;
  bytes bytea;
  n bigint;
BEGIN
  FOR part IN SELECT e.parent, e.part_from, e.part_size FROM capa.event e
              WHERE e.eventno = ANY (numbers) AND e.parent IS NOT NULL AND e.salt IS NOT NULL ORDER BY e.eventno LOOP
    SELECT convert_to(p.body, 'UTF8') INTO bytes FROM capa.event p WHERE p.eventno = part.parent;
    CONTINUE WHEN bytes IS NULL;
    UPDATE capa.event p
    SET body = convert_from(overlay(bytes PLACING convert_to(repeat(' ', part.part_size), 'UTF8') FROM part.part_from + 1
                                    FOR part.part_size), 'UTF8')
    WHERE p.eventno = part.parent;
  END LOOP;
  UPDATE capa.event e SET salt = NULL, subject = NULL, body = CASE WHEN e.parent IS NOT NULL THEN e.body END
  WHERE e.eventno = ANY (numbers) AND e.salt IS NOT NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  UPDATE capa.event p SET body = NULL
  WHERE p.parent = p.eventno AND p.body IS NOT NULL
    AND p.eventno IN (SELECT e.parent FROM capa.event e WHERE e.eventno = ANY (numbers))
    AND NOT EXISTS (SELECT FROM capa.event e WHERE e.parent = p.eventno AND e.salt IS NOT NULL
                    AND e.eventno BETWEEN p.eventno AND p.eventno + 5000);
  UPDATE capa.event_proof SET salt = NULL WHERE eventno = ANY (numbers);
  RETURN n;
END $$;
