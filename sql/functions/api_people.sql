-- Who is who (people.json as loaded) and what is open of each: all, or one name with everything that is its own. A name that is in no
-- file is shown if it owns something.
CREATE OR REPLACE FUNCTION api.people(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  name_ text;
  body_ jsonb := capa.people();
  index jsonb := capa.people_names();
BEGIN
  PERFORM capa.check_call('people', principal, params);
  name_ := capa.param_name(params, 'name', actor);
  IF name_ IS NOT NULL THEN
    RETURN capa.people_one(name_, capa.hidden_ncs(principal, actor));
  END IF;
  RETURN (
    WITH open_ AS (
      SELECT o.key, jsonb_build_object('nc', count(*) FILTER (WHERE o.kind = 'nc'), 'action', count(*) FILTER (WHERE o.kind = 'action'),
                                       'follow_up', count(*) FILTER (WHERE o.kind = 'follow_up')) AS n
      FROM capa.owned_open() o GROUP BY o.key
    ), none AS (
      SELECT '{"nc":0,"action":0,"follow_up":0}'::jsonb AS n
    )
    SELECT json_build_object('loaded', body_ IS NOT NULL,
      'version', (SELECT max(version) FROM capa.loaded WHERE kind = 'people'),
      'people', coalesce((SELECT jsonb_agg(capa.person_object(p.key, body_, index) || jsonb_build_object('open', coalesce(o.n, none.n)) ORDER BY p.key)
        FROM jsonb_each(body_ -> 'people') p CROSS JOIN none LEFT JOIN open_ o ON o.key = capa.name_key(p.key)), '[]'),
      'teams', coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', t.key, 'lead', t.value -> 'lead',
          'members', coalesce(t.value -> 'members', '[]'), 'open', coalesce(o.n, none.n))) ORDER BY t.key)
        FROM jsonb_each(coalesce(body_ -> 'teams', '{}')) t CROSS JOIN none LEFT JOIN open_ o ON o.key = capa.name_key(t.key)), '[]'),
      'roles', coalesce((SELECT jsonb_object_agg(g.value ->> 'name', to_jsonb(capa.people_of(g.value ->> 'name')))
        FROM jsonb_each(index -> 'group') g WHERE g.value ->> 'kind' = 'role'), '{}'),
      'unfilled', (SELECT coalesce(jsonb_agg(r ORDER BY r), '[]') FROM unnest(ARRAY['isms_manager', 'risk_owner', 'top_management', 'approver']) r
        WHERE coalesce(index -> 'group' -> r -> 'people', '[]') = '[]'),
      'unreachable', (SELECT coalesce(jsonb_agg(u.value || jsonb_build_object('open', coalesce(o.n, none.n)) ORDER BY u.value ->> 'name'), '[]')
        FROM jsonb_array_elements(capa.people_status() -> 'unreachable') u CROSS JOIN none
        LEFT JOIN open_ o ON o.key = capa.name_key(u.value ->> 'name'))));
END $$;
