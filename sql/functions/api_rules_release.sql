-- Ends the hold on a rule.
CREATE OR REPLACE FUNCTION api.rules_release(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  h capa.rule_hold;
  id_ text := capa.param_text(params, 'rule', 200);
  counted int;
  first_ timestamptz; -- what was received before the hold may have been judged under it
BEGIN
  PERFORM capa.check_call('rules.release', principal, params);
  PERFORM pg_advisory_xact_lock(hashtext('capa.rule_hold'));
  SELECT * INTO h FROM capa.rule_hold x WHERE x.rule = id_ AND x.ended_at IS NULL;
  IF NOT FOUND THEN
    PERFORM capa.fail('refused', format('Rule "%s" is not held.', left(id_, 100)), NULL, 'capactl rules list shows which are.');
  END IF;
  h := capa.hold_end(h, actor, capa.param_text(params, 'reason'), 'rules.release');
  counted := (capa.hold_object(h) ->> 'suppressed')::int;
  SELECT least(min(m.received), h.at) INTO first_ FROM capa.muted m WHERE m.rule = h.rule AND m.rule_hold = h.id;
  RETURN capa.finish(principal, actor, params, jsonb_build_object('ref', h.rule, 'state', 'released', 'hold', capa.hold_object(h), 'missing', '[]'::jsonb,
    'sentence', format('it raises again; %s of its fails were held back and raise nothing', counted),
    'next', CASE WHEN counted > 0 THEN jsonb_build_array(jsonb_build_object('sentence', 'See what they would have raised',
      'command', 'capactl rules replay --no-holds --since ' || capa.rfc3339(first_))) ELSE '[]' END));
END $$;
