-- What is to be redacted: NC-17, EV-3, or an event (EVENT-123). Plain digits are whichever of NC and event there is; if there are
-- both it must be said which, because redaction cannot be undone. `nc` is the NC it is about, or null.
CREATE OR REPLACE FUNCTION capa.redact_target(ref_ text, OUT kind text, OUT number bigint, OUT nc int, OUT ref text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text[] := regexp_match(upper(btrim(ref_)), '^(?:(NC|EV|EVENT)[-:])?([1-9][0-9]{0,17})$');
  is_nc boolean;
  is_event boolean;
BEGIN
  IF part IS NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is nothing that can be redacted.', left(ref_, 80)), NULL,
      'An NC (NC-17), a piece of evidence (EV-3) or an event (EVENT-123) can.');
  END IF;
  kind := part[1];
  number := part[2]::bigint;
  is_nc := EXISTS (SELECT FROM capa.nc n WHERE n.id = number);
  is_event := EXISTS (SELECT FROM capa.event e WHERE e.eventno = number)
              OR EXISTS (SELECT FROM capa.event_proof p WHERE p.eventno = number);
  IF kind IS NULL AND is_nc AND is_event THEN
    PERFORM capa.fail('invalid', format('%s is both NC-%1$s and event %1$s.', number), NULL,
      format('Say which one is meant: NC-%s or EVENT-%1$s.', number));
  END IF;
  kind := coalesce(kind, CASE WHEN is_event THEN 'EVENT' ELSE 'NC' END);
  CASE kind
  WHEN 'NC' THEN
    nc := CASE WHEN is_nc THEN number END;
  WHEN 'EV' THEN
    nc := (SELECT e.nc FROM capa.evidence e WHERE e.id = number);
  ELSE
    nc := coalesce((SELECT e.nc FROM capa.evidence e WHERE e.eventno = number ORDER BY e.id LIMIT 1),
                   (SELECT e.nc FROM capa.event e WHERE e.eventno = number));
  END CASE;
  ref := kind || '-' || number;
  IF (nc IS NULL AND kind <> 'EVENT') OR (kind = 'EVENT' AND NOT is_event) THEN
    PERFORM capa.fail('not_found', format('There is no %s.', CASE kind WHEN 'EVENT' THEN 'event ' || number ELSE ref END), NULL,
      'capactl evidence list NC names evidence and events.');
  END IF;
END $$;
