-- The functions of a replay: the register's own once more (capa.scratch_functions), with those of shadow_* in the place of, or beside, the
-- ones whose names they carry: pg_temp.now() is capa.shadow_now(). What configures, reads the past or keeps events is not needed.
CREATE OR REPLACE FUNCTION capa.replay_functions() RETURNS void LANGUAGE plpgsql
SET search_path = '' SET check_function_bodies = off SET client_min_messages = warning AS $$
DECLARE
  own text[] := ARRAY(SELECT substr(p.proname, 8) FROM pg_proc p WHERE p.pronamespace = 'capa'::regnamespace AND p.proname LIKE 'shadow\_%');
  text_ text;
BEGIN
  PERFORM capa.scratch_functions('^(as_of|scratch|replay|shadow|retain|partition|rebuild)|^(' || array_to_string(own, '|') || ')$');
  FOR text_ IN SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'capa'::regnamespace AND p.proname LIKE 'shadow\_%' LOOP
    EXECUTE replace(capa.as_of_text(text_), 'pg_temp.shadow_', 'pg_temp.');
  END LOOP;
  PERFORM capa.scratch_views();
END $$;
