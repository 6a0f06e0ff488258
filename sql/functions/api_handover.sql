-- All that is open of one owner goes to another, in one transaction (PRODUCT, "People"): NCs, actions, follow-ups, each as by assign
-- with its journal row. No date changes, and who owned it before stays barred from verifying. An action's owner is part of
-- its plan: an approval that ends by it is told. The ISMS manager may, and whoever hands over the own.
CREATE OR REPLACE FUNCTION api.handover(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  from_ text;
  to_ text;
  key_ text;
  reason_ text;
  item record;
  moved jsonb := '[]';
  unapproved text[] := '{}';
  warning text;
BEGIN
  PERFORM capa.check_call('handover', principal, params);
  from_ := capa.param_name(params, 'from', actor);
  to_ := capa.param_name(params, 'to', actor);
  reason_ := capa.param_text(params, 'reason');
  key_ := (capa.people_keys(capa.people_names(), from_))[1];
  IF params ->> 'if_version' IS NOT NULL THEN
    PERFORM capa.fail('invalid', 'handover changes several: "if_version" means nothing there.');
  ELSIF key_ = (capa.people_keys(capa.people_names(), to_))[1] THEN
    PERFORM capa.fail('refused', format('%s and %s are one: nothing would change hands.', params ->> 'from', params ->> 'to'));
  ELSIF NOT principal -> 'roles' ?| ARRAY['isms_manager', 'system']
        AND key_ <> (capa.people_keys(capa.people_names(), actor))[1] THEN
    PERFORM capa.fail('forbidden', format('You may hand over what is yours; what is %s''s the ISMS manager may.', from_), NULL,
                      'Ask the ISMS manager.');
  END IF;
  warning := capa.owner_check(to_);
  PERFORM FROM capa.nc n WHERE n.id IN (SELECT o.nc FROM capa.owned_open() o WHERE o.key = key_) ORDER BY n.id FOR UPDATE;
  FOR item IN SELECT o.* FROM capa.owned_open() o JOIN capa.nc n ON n.id = o.nc WHERE o.key = key_
              ORDER BY o.nc, o.kind DESC, o.action, o.follow_up LOOP
    unapproved := unapproved || capa.hand_over(item.nc, item.action, item.follow_up, to_, reason_, actor);
    moved := moved || jsonb_build_object('ref', item.ref, 'nc', 'NC-' || item.nc, 'kind', item.kind, 'title', item.title);
  END LOOP;
  IF moved = '[]' AND capa.person_of(from_) IS NULL AND NOT coalesce(capa.people_names() -> 'group' ? key_, false) THEN
    PERFORM capa.fail('not_found', format('Nobody called %s owns anything that is open.', from_), NULL,
                      'capactl people shows who owns what.');
  END IF;
  RETURN capa.finish(principal, actor, params, jsonb_build_object('from', from_, 'to', to_, 'moved', moved,
    'warnings', coalesce(capa.warnings(warning,
      CASE WHEN moved = '[]' THEN format('%s owns nothing that is open', from_) END,
      CASE WHEN unapproved <> '{}' THEN format('an action''s owner is part of its plan: to be approved again: %s',
        (SELECT string_agg(DISTINCT u, ', ') FROM unnest(unapproved) u)) END), '[]'),
    'next', coalesce((SELECT jsonb_agg(jsonb_build_object('sentence', 'the plan of ' || u || ' waits for approval by somebody else',
                                                          'command', 'capactl approve ' || u) ORDER BY u)
                      FROM (SELECT DISTINCT unnest(unapproved) AS u) x), '[]')));
END $$;
