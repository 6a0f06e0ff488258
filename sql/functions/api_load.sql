-- Configuration that the register needs (SEMANTICS section 4): kind is rules, policy or people, body in the form of
-- sql/README.md, sha256 what identifies it (of rules: the hash of the set). What is loaded already makes no row.
-- Returns {"version","changed"}. Unknown kinds and bodies without what the register reads are refused (CA003).
CREATE OR REPLACE FUNCTION api.load(kind text, sha256 text, body jsonb, actor text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_variable
DECLARE
  last capa.loaded;
  needs text := CASE kind WHEN 'rules' THEN 'rules' WHEN 'policy' THEN 'policies' WHEN 'people' THEN 'people' END;
BEGIN
  IF needs IS NULL THEN
    PERFORM capa.fail('invalid', format('There is no configuration of kind "%s".', kind), NULL,
                      'Load rules, policy or people.');
  ELSIF jsonb_typeof(body) IS DISTINCT FROM 'object' OR NOT body ? needs THEN
    PERFORM capa.fail('invalid', format('A configuration of kind "%s" has a member "%s"; this one has none.', kind, needs),
                      NULL, 'Check the file with `capad check`.');
  ELSIF coalesce(sha256, '') !~ '^[0-9a-f]{64}$' THEN
    PERFORM capa.fail('invalid', 'The hash of a configuration is 64 hexadecimal digits.', NULL,
                      'Give the SHA-256 of what is loaded.');
  ELSIF kind = 'policy' THEN
    PERFORM capa.policy_check(body);
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('capa.loaded'));
  SELECT * INTO last FROM capa.loaded l WHERE l.kind = kind ORDER BY version DESC LIMIT 1;
  IF last.sha256 = sha256 THEN
    RETURN jsonb_build_object('version', last.version, 'changed', false);
  END IF;
  PERFORM capa.put('loaded', jsonb_build_object('kind', kind, 'version', coalesce(last.version, 0) + 1,
                                                'sha256', sha256, 'body', body, 'at', capa.now()));
  IF kind = 'rules' THEN
    PERFORM capa.rules_index(sha256, body);
  END IF;
  PERFORM capa.tell('config.loaded', 'load', NULL, NULL, jsonb_build_object(
    'kind', kind, 'version', coalesce(last.version, 0) + 1, 'sha256', sha256, 'previous_sha256', last.sha256,
    'difference', capa.load_difference(kind, last.body, body)));
  IF kind = 'policy' AND last.version IS NULL THEN
    -- What was raised before there was any policy has no due dates yet.
    PERFORM capa.deadlines_follow(n.id) FROM (
      SELECT id FROM capa.nc WHERE policy_version = 0 AND state NOT IN ('closed', 'rejected', 'merged') ORDER BY id FOR UPDATE) n;
  END IF;
  PERFORM capa.append(coalesce(actor, 'system'));
  RETURN jsonb_build_object('version', coalesce(last.version, 0) + 1, 'changed', true);
END $$;
