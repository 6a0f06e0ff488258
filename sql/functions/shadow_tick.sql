-- A tick of a replay: what api.tick does that concerns rules and their NCs. Returns {"more","expectations"?} as that does.
CREATE OR REPLACE FUNCTION capa.shadow_tick() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  deadlines jsonb;
  missed jsonb;
BEGIN
  UPDATE pg_temp.replay SET ticked = (SELECT coalesce(max(t.n), 0) FROM pg_temp.told t);
  IF capa.tick_silences() THEN
    RETURN '{"more":true}';
  END IF;
  PERFORM capa.rollup();
  missed := capa.tick_expectations(500);
  deadlines := capa.tick_deadlines(100);
  RETURN jsonb_build_object('more', deadlines -> 'more') || CASE WHEN missed <> '[]' THEN jsonb_build_object('expectations', missed) ELSE '{}' END;
END $$;
