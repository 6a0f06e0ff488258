-- The newest loaded rules: {"count","hash","version"}; null before the first.
CREATE OR REPLACE FUNCTION capa.rules_loaded() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('count', jsonb_array_length(body -> 'rules'), 'hash', sha256, 'version', version)
  FROM capa.loaded WHERE kind = 'rules' ORDER BY version DESC LIMIT 1
$$;
