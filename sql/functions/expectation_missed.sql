-- The daemon's own event that says what did not come in time: {"rule","subject","due","event": its bytes}, or null if it is stored
-- already (by any daemon: the identity is rule, subject and due, and the same event has the same bytes). The value of "by" stands where the
-- rule's texts look for it: as the subject, and at its own path where that leads into the event or its data. to_: the grade that
-- its NC grows to.
CREATE OR REPLACE FUNCTION capa.expectation_missed(e capa.expectation, r capa.rule, due_ timestamptz, to_ text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  id_ text := concat_ws('/', e.rule, e.subject, capa.rfc3339(due_));
  by_ text[] := string_to_array(substr(r.windows -> 'expect' ->> 'by', 2), '/');
  event jsonb;
  name_ text;
BEGIN
  IF octet_length(id_) > 1024 THEN
    id_ := concat_ws('/', e.rule, encode(e.fingerprint, 'hex'), capa.rfc3339(due_));
  END IF;
  IF EXISTS (SELECT FROM capa.event_key k WHERE k.key = substring(sha256(int4send(5) || 'capad'::bytea
      || int4send(octet_length(id_)) || convert_to(id_, 'UTF8')) FOR 16)) THEN
    RETURN NULL;
  END IF;
  event := jsonb_build_object('specversion', '1.0', 'id', id_, 'source', 'capad', 'type', 'org.capad.expectation.missed.v1',
    'subject', e.subject, 'time', capa.rfc3339(due_), 'data', jsonb_strip_nulls(jsonb_build_object('rule', e.rule, 'subject', e.subject,
      'from', capa.rfc3339(e.from_at), 'due', capa.rfc3339(due_), 'fingerprint', encode(e.fingerprint, 'hex'), 'to', to_)));
  name_ := replace(replace(by_[cardinality(by_)], '~1', '/'), '~0', '~');
  IF cardinality(by_) = 1 AND NOT event ? name_ THEN
    event := event || jsonb_build_object(name_, e.subject);
  ELSIF cardinality(by_) = 2 AND by_[1] = 'data' AND NOT event -> 'data' ? name_ THEN
    event := jsonb_set(event, ARRAY['data', name_], to_jsonb(e.subject));
  END IF;
  RETURN jsonb_build_object('rule', e.rule, 'subject', e.subject, 'due', capa.rfc3339(due_), 'event', event::text);
END $$;
