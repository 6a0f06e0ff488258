-- One event by its number: the bytes as received as `event` (untouched: numbers keep their digits), and what it did.
CREATE OR REPLACE FUNCTION api.event(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  no_ bigint;
  e capa.event;
  proof capa.event_proof;
  bytes bytea;
BEGIN
  PERFORM capa.check_call('event', principal, params);
  IF coalesce(params ->> 'eventno', '') !~ '^[0-9]{1,18}$' THEN
    PERFORM capa.fail('invalid', '"eventno" is the number of an event.', NULL, 'capactl show NC-17 lists those of its evidence.');
  END IF;
  no_ := (params ->> 'eventno')::bigint;
  SELECT * INTO e FROM capa.event x WHERE x.eventno = no_;
  SELECT * INTO proof FROM capa.event_proof x WHERE x.eventno = no_;
  PERFORM capa.check_read(principal, actor, x.nc) FROM (
    SELECT e.nc UNION SELECT m.nc FROM capa.event_nc m WHERE m.eventno = no_
    UNION SELECT v.nc FROM capa.evidence v WHERE v.eventno = no_) x;
  bytes := capa.event_bytes(no_);
  IF bytes IS NULL THEN
    IF (e.eventno IS NOT NULL AND e.salt IS NULL) OR (proof.eventno IS NOT NULL AND proof.salt IS NULL) THEN
      PERFORM capa.fail('not_found', format('The bytes of event %s were redacted; its digest was %s.', no_,
          encode(coalesce(e.digest, proof.digest), 'hex')), NULL, 'The journal has a row evidence.redacted that says why.');
    END IF;
    PERFORM capa.fail('not_found', format('There is no event %s, or retention has removed it.', no_), NULL,
                      'What became evidence of an NC is kept: capactl evidence list NC.');
  END IF;
  RETURN ('{' || concat_ws(',',
    '"eventno":' || no_, '"received":' || to_json(capa.rfc3339(coalesce(e.received, proof.received))),
    '"observed":' || to_json(capa.rfc3339(e.observed)), '"source":' || to_json(e.source), '"type":' || to_json(e.type),
    '"subject":' || to_json(e.subject), '"adapter":' || to_json(e.adapter),
    '"redacted":' || coalesce(e.redacted, proof.redacted),
    '"sha256":"' || encode(sha256(bytes), 'hex') || '"', '"digest":"' || encode(coalesce(e.digest, proof.digest), 'hex') || '"',
    '"salt":"' || encode(coalesce(e.salt, proof.salt), 'hex') || '"',
    '"part_of":' || nullif(e.parent, no_),
    '"results":' || coalesce((SELECT k.results FROM capa.event_key k WHERE k.eventno = no_ LIMIT 1), '[]'),
    '"event":' || capa.body_text(bytes)) || '}')::json;
END $$;
