-- Takes one configuration of a kind (SEMANTICS section 4): refuses what the register could not work with (CA003), puts and tells it;
-- what is loaded already makes no row, nor do people where none ever were, nor settings that are those without a configuration. The caller holds the lock of capa.loaded and appends.
-- Returns {"kind","version","changed"}.
CREATE OR REPLACE FUNCTION capa.load_one(kind text, sha256 text, body jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  last capa.loaded;
  needs text := CASE kind WHEN 'rules' THEN 'rules' WHEN 'policy' THEN 'policies' WHEN 'people' THEN 'people' WHEN 'settings' THEN 'retention' END;
BEGIN
  IF needs IS NULL THEN
    PERFORM capa.fail('invalid', format('There is no configuration of kind "%s".', kind), NULL,
                      'Load rules, policy, settings or people.');
  ELSIF jsonb_typeof(body) IS DISTINCT FROM 'object' OR NOT body ? needs THEN
    PERFORM capa.fail('invalid', format('A configuration of kind "%s" has a member "%s"; this one has none.', kind, needs),
                      NULL, 'Check the file with `capad check`.');
  ELSIF coalesce(sha256, '') !~ '^[0-9a-f]{64}$' THEN
    PERFORM capa.fail('invalid', 'The hash of a configuration is 64 hexadecimal digits.', NULL,
                      'Give the SHA-256 of what is loaded.');
  ELSIF kind = 'policy' THEN
    PERFORM capa.policy_check(body);
  ELSIF kind = 'settings' THEN
    PERFORM capa.settings_check(body);
  ELSIF kind = 'people' THEN
    body := body - 'index';
    PERFORM capa.people_check(body);
  END IF;
  SELECT * INTO last FROM capa.loaded l WHERE l.kind = kind ORDER BY version DESC LIMIT 1;
  IF last.sha256 = sha256 OR last.version IS NULL AND (kind = 'people' AND NOT capa.names_anybody(body)
                                                       OR kind = 'settings' AND capa.settings_of(body) = capa.settings_of('{}')) THEN
    RETURN jsonb_build_object('kind', kind, 'version', coalesce(last.version, 0), 'changed', false);
  END IF;
  IF kind = 'rules' THEN
    PERFORM capa.rules_follow(last.body, body);
  END IF;
  PERFORM capa.put('loaded', jsonb_build_object('kind', kind, 'version', coalesce(last.version, 0) + 1, 'sha256', sha256,
    'body', CASE kind WHEN 'people' THEN body || jsonb_build_object('index', capa.people_index(body)) ELSE body END, 'at', capa.now()));
  IF kind = 'rules' THEN
    PERFORM capa.rules_index(sha256, body);
    PERFORM capa.expectations_follow(sha256);
  ELSIF kind = 'people' THEN
    DELETE FROM capa.chore WHERE name = 'leavers';
  ELSIF kind = 'settings' THEN
    PERFORM capa.settings_apply();
  END IF;
  PERFORM capa.tell('config.loaded', 'load', NULL, NULL, jsonb_build_object(
    'kind', kind, 'version', coalesce(last.version, 0) + 1, 'sha256', sha256, 'previous_sha256', last.sha256,
    'difference', capa.load_difference(kind, last.body - 'index', body)));
  IF kind = 'policy' AND last.version IS NULL THEN
    -- What was raised before there was any policy has no due dates yet.
    PERFORM capa.deadlines_follow(n.id) FROM (
      SELECT id FROM capa.nc WHERE policy_version = 0 AND NOT capa.has_left(state) ORDER BY id FOR UPDATE) n;
  END IF;
  RETURN jsonb_build_object('kind', kind, 'version', coalesce(last.version, 0) + 1, 'changed', true);
END $$;
