-- A rule as the newest loaded set has it (ruleset_describe's object), or null if that set has none of this id.
CREATE OR REPLACE FUNCTION capa.rule_now(id_ text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT r.body FROM capa.rule r
  JOIN (SELECT sha256 FROM capa.loaded WHERE kind = 'rules' ORDER BY version DESC LIMIT 1) l ON l.sha256 = r.ruleset
  WHERE r.id = id_
$$;
