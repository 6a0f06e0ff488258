-- The part of a tick that looks for what did not come: the expectations whose time has come, at most `most`, skipping those that
-- another daemon looks at. Returns a list of {"rule","subject","due","event"}: each event is to be put through the ordinary door, and
-- comes again until it is stored. Due dates that were moved because nobody could have heard are told as sys.degraded. A mistake of its own
-- stops no escalation: it is told, at most once in ten minutes.
CREATE OR REPLACE FUNCTION capa.tick_expectations(most int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  now_ timestamptz := capa.now();
  ruleset_ text := (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1);
  e capa.expectation;
  r capa.rule;
  x record;
  result jsonb := '[]';
  extended int := 0;
  message_ text;
BEGIN
  PERFORM capa.expectations_wait(ruleset_, now_);
  -- That somebody is there again may not be committed yet: until then, all the time up to now would count as blind.
  IF NOT EXISTS (SELECT FROM capa.presence p WHERE clock_timestamp() - p.beat BETWEEN '0' AND '60 seconds') THEN
    RETURN result;
  END IF;
  FOR e IN SELECT * FROM capa.expectation y WHERE y.due <= now_ ORDER BY y.due, y.rule, y.fingerprint, y.step LIMIT most FOR UPDATE SKIP LOCKED LOOP
    SELECT * INTO r FROM capa.rule y WHERE y.ruleset = ruleset_ AND y.id = e.rule LIMIT 1;
    IF NOT FOUND OR r.hash <> e.rule_hash THEN
      DELETE FROM capa.expectation y WHERE y.rule = e.rule AND y.fingerprint = e.fingerprint AND y.step = e.step;
      CONTINUE;
    END IF;
    IF e.step > 0 THEN
      SELECT * INTO x FROM capa.expectation_growth(e, r, now_);
    ELSE
      SELECT * INTO x FROM capa.expectation_due(e, r, now_);
    END IF;
    extended := extended + x.extended::int;
    IF x.missed IS NOT NULL THEN
      result := result || x.missed;
    END IF;
  END LOOP;
  IF extended > 0 THEN
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_build_object('reason', 'coverage_unknown', 'expectations', extended, 'sentence',
      format('nobody could have heard what was expected for a time: %s', CASE extended WHEN 1 THEN '1 expectation waits that much longer'
        ELSE extended || ' expectations wait that much longer' END)));
  END IF;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  IF capa.passing_error(SQLSTATE) THEN
    RAISE;
  END IF;
  GET STACKED DIAGNOSTICS message_ = MESSAGE_TEXT;
  IF capa.chore_due('expectations_failed', '10 minutes') THEN
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_build_object('reason', 'expectations_failed', 'sqlstate', SQLSTATE, 'error', message_));
  END IF;
  RETURN '[]';
END $$;
