-- May this caller call this method, and are its parameters known? Roles: '*' is anyone but producer and admin (they
-- write no records), 'any' is any role at all (PRODUCT "Roles"). The system may do what it does. Who has left may do nothing. The
-- daemon says in principal.person whom of the people file it took the actor for: whose roles these are must be beyond doubt.
CREATE OR REPLACE FUNCTION capa.check_call(method_ text, principal jsonb, params jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  m capa.method;
  held text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(principal -> 'roles', '[]')));
  name_ text;
BEGIN
  SELECT * INTO STRICT m FROM capa.method WHERE name = method_;
  IF NOT ('system' = ANY (held) OR (m.roles = '{any}' AND cardinality(held) > 0)
          OR (m.roles = '{*}' AND held && ARRAY['reporter', 'owner', 'approver', 'verifier', 'isms_manager',
                                                'risk_owner', 'top_management', 'auditor'])
          OR held && m.roles) THEN
    PERFORM capa.fail('forbidden', format('%s needs one of the roles %s; you have %s.', method_,
        CASE m.roles[1] WHEN '*' THEN 'of the register (reporter, owner, approver, verifier, auditor, ...)'
                        WHEN 'any' THEN 'that capad knows' ELSE array_to_string(m.roles, ', ') END,
        coalesce(nullif(array_to_string(held, ', '), ''), 'none')),
      NULL, 'Ask the ISMS manager, or whoever keeps the principals in capad.json.');
  END IF;
  SELECT key INTO name_ FROM jsonb_each(params)
    WHERE value <> 'null' AND NOT key = ANY (m.params)
      AND NOT key = ANY (ARRAY['spans', 'actor'] || CASE WHEN m.changes THEN ARRAY['if_version', 'dry_run'] END)
    ORDER BY key LIMIT 1;
  IF name_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('%s has no parameter "%s".', method_, name_), NULL,
      format('It takes: %s.', array_to_string(array_remove(m.params, ''), ', ')));
  END IF;
  name_ := capa.name_flaw(params ->> 'actor');
  IF name_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"actor" is no name: %s.', name_));
  ELSIF capa.name_key(params ->> 'actor') IN ('system', 'me') AND params ->> 'actor' <> principal ->> 'name' THEN
    PERFORM capa.fail('invalid', format('"%s" is nobody to act for: %s.', params ->> 'actor',
      CASE capa.name_key(params ->> 'actor') WHEN 'me' THEN 'it means whoever calls' ELSE 'it is what capad does by itself' END), NULL,
      'Leave --actor out to act under your own name, or give a person''s.');
  END IF;
  name_ := CASE WHEN NOT principal ? 'as_of' THEN capa.person_of(coalesce(params ->> 'actor', principal ->> 'name')) END;
  IF capa.person_left(name_, capa.now()) THEN
    PERFORM capa.fail('forbidden', format('%s has left (last day %s) and may not act.', name_,
                                          capa.people() -> 'people' -> name_ ->> 'left'), NULL,
      'If that is wrong, correct people.json and reload capad.');
  ELSIF principal -> 'person' = 'null' AND name_ IN (params ->> 'actor', principal ->> 'name') THEN
    PERFORM capa.fail('conflict', format('The register knows %s as one of the people; this capad does not yet.', name_), NULL,
                      'Call again; if it stays so, reload capad: another one has loaded people.json since.');
  ELSIF principal -> 'person' = 'null' AND params ->> 'actor' IS NOT NULL AND name_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is written "%s" in people.json.', params ->> 'actor', name_), NULL,
                      format('Say --actor "%s".', name_));
  END IF;
  IF jsonb_typeof(params -> 'dry_run') NOT IN ('boolean', 'null') THEN
    PERFORM capa.fail('invalid', '"dry_run" must be true or false.');
  END IF;
  FOREACH name_ IN ARRAY array_remove(m.needed, '') LOOP
    IF coalesce(params -> name_, 'null') = 'null'
       OR (jsonb_typeof(params -> name_) = 'string' AND btrim(params ->> name_, E' \t\r\n') = '') THEN
      PERFORM capa.fail('invalid', format('%s needs "%s".', method_, name_), NULL,
        format('It takes: %s.', array_to_string(array_remove(m.params, ''), ', ')));
    END IF;
  END LOOP;
END $$;
