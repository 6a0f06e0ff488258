-- The third door: everything whose time has come, called by timer, by any daemon, at any time (level-triggered;
-- SEMANTICS section 7). Bounded work a call. Returns {"next_ms": milliseconds to the next thing to do, or null,
-- "more": whether to call again at once, "expectations": what did not come in time (capa.tick_expectations), where there is any}.
CREATE OR REPLACE FUNCTION api.tick() RETURNS jsonb LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  deadlines jsonb;
  missed jsonb;
  next_ bigint;
BEGIN
  PERFORM capa.present();
  IF capa.tick_silences() THEN
    PERFORM capa.append('system');
    RETURN '{"next_ms":0,"more":true}';
  END IF;
  PERFORM capa.tick_guarded();
  PERFORM capa.tick_leavers();
  PERFORM capa.tick_consumers();
  PERFORM capa.tick_links();
  missed := capa.tick_expectations(500);
  deadlines := capa.tick_deadlines(100);
  PERFORM capa.append('system');
  SELECT capa.ms_until(least(min(next_at), capa.silence_next())) INTO next_ FROM capa.deadline WHERE next_at IS NOT NULL;
  -- Rows that somebody else holds are theirs for an instant: looked at again soon, not in a busy loop.
  IF (deadlines ->> 'skipped')::int > 0 THEN
    next_ := greatest(next_, 50);
  END IF;
  next_ := least(next_, capa.ms_until((SELECT min(e.due) FROM capa.expectation e WHERE e.due > capa.now() AND e.due < 'infinity')),
                 CASE WHEN missed <> '[]' THEN 1000 WHEN EXISTS (SELECT FROM capa.expectation e WHERE e.due <= capa.now()) THEN 50 END);
  RETURN jsonb_build_object('next_ms', next_, 'more', (deadlines ->> 'more')::boolean)
         || CASE WHEN missed <> '[]' THEN jsonb_build_object('expectations', missed) ELSE '{}' END;
END $$;
