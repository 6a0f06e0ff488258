-- The hash that a rule had at a moment, in the set that was loaded then; null if that set had no such rule.
CREATE OR REPLACE FUNCTION capa.rule_hash_at(rule_ text, at_ timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT r.hash FROM (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' AND l.at <= at_ ORDER BY l.version DESC LIMIT 1) s
  JOIN capa.rule r ON r.ruleset = s.sha256 AND r.id = rule_
$$;
