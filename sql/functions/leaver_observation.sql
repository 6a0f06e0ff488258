-- The observation that a person has left and still owns something (PRODUCT, "People"): one fingerprint a person, so that the register's
-- ordinary rules say what becomes of it: raised once; what comes later is noted in the open one; once closed it is
-- reopened, after the recurrence window or a rejection raised again. What was told is never told again. owned: references, sorted.
CREATE OR REPLACE FUNCTION capa.leaver_observation(person text, owned text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now_ timestamptz := capa.now();
  fingerprint_ bytea := sha256(convert_to('people' || chr(31) || capa.name_key(person), 'UTF8'));
  before_ int := capa.nc_for(fingerprint_);
  n capa.nc;
  new_ text[] := owned;
  sentence_ text;
  id_ int;
BEGIN
  IF before_ IS NOT NULL THEN
    SELECT * INTO n FROM capa.nc WHERE id = before_ FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;  -- somebody is at it: the next tick
    END IF;
    SELECT array_agg(o) INTO new_ FROM unnest(owned) AS o
      WHERE NOT EXISTS (SELECT FROM capa.record r WHERE r.fact = 'note' AND r.value -> 'owns' ? o
        AND r.value ->> 'person' = person AND (r.nc = n.id OR r.nc IN (SELECT x.id FROM capa.nc x WHERE x.fingerprint = fingerprint_)));
  END IF;
  IF new_ IS NULL OR n.state = 'merged' OR n.state = 'rejected' AND coalesce(n.suppressed_until > now_, false) THEN
    RETURN;
  END IF;
  sentence_ := format('%s has left and %s %s%s', person, CASE WHEN n.state = 'closed' THEN 'owns again' ELSE 'still owns' END,
    array_to_string(new_[1:5], ', '), CASE WHEN cardinality(new_) > 5 THEN format(' and %s more', cardinality(new_) - 5) ELSE '' END);
  IF before_ IS NULL OR n.state = 'rejected'
     OR n.state = 'closed' AND n.closed_at + capa.setting_interval('recurrence_window') < now_ THEN
    id_ := capa.raise_nc(jsonb_build_object('title', sentence_, 'found', sentence_, 'grade', 'observation',
      'requirement', 'Responsibilities are handed over when somebody leaves (A.6.5)', 'controls', jsonb_build_array('A.6.5'),
      'evidence_text', format('people.json has %s as the last day of %s', capa.people() -> 'people' -> person ->> 'left', person),
      'source_kind', 'monitoring', 'rule', 'people', 'fingerprint', encode(fingerprint_, 'hex'), 'source', 'capad', 'asset', person,
      'owner', capa.manager_of(person, now_), 'triaged', true, 'raised_by', 'rule people', 'recurrence_of', before_), 'tick');
    SELECT * INTO STRICT n FROM capa.nc WHERE id = id_;
  ELSIF n.state = 'closed' THEN
    PERFORM capa.new_cycle(n.id, 'event', 'triaged', sentence_);
    SELECT * INTO STRICT n FROM capa.nc WHERE id = before_;
    PERFORM capa.tell('nc.reopened', 'tick', 'NC-' || n.id, n.id,
                      jsonb_build_object('what', 'reopened', 'sentence', sentence_, 'nc', capa.summary(n.id)));
  END IF;
  PERFORM capa.record_put(n, 'note', jsonb_build_object('text', sentence_, 'person', person, 'owns', to_jsonb(new_)), 'system');
  PERFORM capa.changed(n.id, 'nc.changed', 'people', 'NC-' || n.id, sentence_);
END $$;
