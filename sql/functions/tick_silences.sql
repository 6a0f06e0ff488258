-- The part of a tick for what holds rules back: holds whose time is over end; where a silence, or one of its times, has ended, what
-- failed last in it and has not passed since is judged again, as if it came now (at most 200 a tick). Returns whether there was anything to judge:
-- then the tick ends there, since locks are taken in order.
CREATE OR REPLACE FUNCTION capa.tick_silences() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  at_ timestamptz := capa.now();
  h capa.rule_hold;
  s capa.silence;
  ended timestamptz;
  numbers bigint[];
BEGIN
  FOR h IN SELECT * FROM capa.rule_hold x WHERE x.ended_at IS NULL AND x.until <= at_ ORDER BY x.id FOR UPDATE SKIP LOCKED LOOP
    PERFORM capa.hold_end(h, 'system', 'its time is over', 'tick');
  END LOOP;
  FOR s IN SELECT * FROM capa.silence x WHERE NOT x.publish_only AND x.from_at <= at_ AND capa.silence_ended(x, at_) IS NOT NULL
           ORDER BY x.id FOR UPDATE SKIP LOCKED LOOP
    ended := capa.silence_ended(s, at_);
    CONTINUE WHEN ended IS NULL;
    numbers := ARRAY(SELECT max(m.eventno) FROM capa.muted m WHERE m.silence = s.id AND NOT m.looked AND m.received < ended
                     GROUP BY m.fingerprint ORDER BY 1 LIMIT 200);
    IF cardinality(numbers) > 0 THEN
      PERFORM capa.silence_look(s, numbers);
      RETURN true;
    END IF;
    s.looked_at := ended;
    PERFORM capa.put('silence', to_jsonb(s));
    PERFORM capa.tell('silence.looked', 'tick', 'SIL-' || s.id, NULL, jsonb_build_object('what', 'silence.looked', 'silence', capa.silence_object(s),
      'sentence', format('SIL-%s %s; the state was looked at again', s.id, CASE WHEN least(s.until, s.ended_at) <= at_ THEN 'has ended' ELSE 'pauses' END)));
  END LOOP;
  RETURN false;
END $$;
