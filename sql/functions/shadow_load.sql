-- Loads the rules to be tried into a replay's register, as capa.load_one does. What a load would refuse is said, and the replay goes on with what
-- is open as it is. Returns the refusal, or null.
CREATE OR REPLACE FUNCTION capa.shadow_load(sha256_ text, body_ jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  last capa.loaded;
  refused text;
BEGIN
  SELECT * INTO last FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1;
  BEGIN
    PERFORM capa.rules_follow(last.body, body_);
  EXCEPTION WHEN SQLSTATE 'CA001' THEN
    GET STACKED DIAGNOSTICS refused = MESSAGE_TEXT;
    PERFORM capa.rules_follow(last.body, jsonb_build_object('rules',
      (SELECT jsonb_agg('{"fingerprint_changed":"keep"}' || jsonb_strip_nulls(r)) FROM jsonb_array_elements(body_ -> 'rules') r)));
  END;
  PERFORM capa.put('loaded', jsonb_build_object('kind', 'rules', 'version', coalesce(last.version, 0) + 1, 'sha256', sha256_, 'body', body_, 'at', capa.now()));
  PERFORM capa.rules_index(sha256_, body_);
  PERFORM capa.expectations_follow(sha256_);
  RETURN refused;
END $$;
