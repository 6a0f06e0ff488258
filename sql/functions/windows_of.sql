-- The windows of a rule as it was under a hash, from the newest loaded set that has it so; null: it had none. By index, however many sets were loaded.
CREATE OR REPLACE FUNCTION capa.windows_of(rule_ text, hash_ text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT x.windows FROM capa.loaded l
  CROSS JOIN LATERAL (SELECT r.windows FROM capa.rule r WHERE r.ruleset = l.sha256 AND r.id = rule_ AND r.hash = hash_ AND r.windows IS NOT NULL LIMIT 1) x
  WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1
$$;
