-- Holds a rule at once (PRODUCT, "Storms"): from now on its fails raise and change nothing, but are stored and counted, until it is
-- released or the time is over.
CREATE OR REPLACE FUNCTION api.rules_hold(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  h capa.rule_hold;
  raised int;
BEGIN
  PERFORM capa.check_call('rules.hold', principal, params);
  PERFORM pg_advisory_xact_lock(hashtext('capa.rule_hold'));
  h.rule := capa.rule_named(params);
  IF EXISTS (SELECT FROM capa.rule_hold x WHERE x.rule = h.rule AND x.ended_at IS NULL) THEN
    PERFORM capa.fail('refused', format('Rule "%s" is held already.', h.rule), NULL, format('capactl rules release %s --reason TEXT ends that.', h.rule));
  END IF;
  h.id := nextval('capa.rule_hold_no');
  h.reason := capa.param_text(params, 'reason');
  h.author := actor;
  h.at := capa.now();
  h.until := capa.param_moment(params, 'until', capa.policy_default() -> 'calendar');
  IF h.until <= h.at THEN
    PERFORM capa.fail('invalid', '"until" is past already.', NULL, 'Give a moment to come, or a duration such as 2d.');
  END IF;
  PERFORM capa.put('rule_hold', to_jsonb(h));
  PERFORM capa.tell('rule.held', 'rules.hold', NULL, NULL, jsonb_build_object('what', 'rules.hold', 'rule', h.rule, 'hold', capa.hold_object(h),
    'sentence', format('rule %s is held%s: %s', h.rule, coalesce(' until ' || capa.rfc3339(h.until), ''), h.reason)));
  SELECT count(*) INTO raised FROM capa.nc n WHERE n.rule = h.rule AND n.raised_at > h.at - interval '7 days' AND NOT capa.has_left(n.state);
  RETURN capa.finish(principal, actor, params, jsonb_build_object('ref', h.rule, 'state', 'held', 'hold', capa.hold_object(h), 'missing', '[]'::jsonb,
    'sentence', 'it raises nothing from now on; its events are stored and counted',
    'next', (CASE WHEN raised > 0 THEN jsonb_build_array(jsonb_build_object(
        'sentence', format('Reject what it raised in the last 7 days and is open still (%s)', raised),
        'command', format('capactl reject --rule %s --since 7d --reason TEXT', h.rule))) ELSE '[]' END)
      || jsonb_build_array(jsonb_build_object('sentence', 'When it is right again, release it', 'command', format('capactl rules release %s --reason TEXT', h.rule)))));
END $$;
