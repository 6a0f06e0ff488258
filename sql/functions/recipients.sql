-- Who a step is for, by name: [{"role","name"}], the roles of its ladder resolved now. owner is the action's for an
-- action's deadline; manager is that owner's own. approvers join where a second person is waited for: a plan
-- in `planned`, a short closing to confirm. Names come from the people file as loaded, {"people":{NAME:{"manager"}},
-- "roles":{ROLE:[NAMES]}}; a role that nobody is known for stands with name null, so that it is seen.
CREATE OR REPLACE FUNCTION capa.recipients(d capa.deadline, roles text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH people AS (
    SELECT coalesce((SELECT body FROM capa.loaded WHERE kind = 'people' ORDER BY version DESC LIMIT 1), '{}') AS body
  ), about AS (
    SELECT CASE WHEN d.action IS NULL THEN n.owner
                ELSE (SELECT a.owner FROM capa.action a WHERE a.id = d.action) END AS owner, n.state
    FROM capa.nc n WHERE n.id = d.nc
  ), role AS (
    SELECT r.role, r.place FROM unnest(roles) WITH ORDINALITY AS r(role, place)
    UNION ALL
    SELECT 'approvers', 1000 FROM about
    WHERE (d.kind = 'act' AND about.state = 'planned') OR d.kind = 'confirmation'
  ), named AS (
    SELECT r.role, r.place, n.name
    FROM role r CROSS JOIN about CROSS JOIN people
    CROSS JOIN LATERAL (
      SELECT about.owner AS name WHERE r.role = 'owner'
      UNION ALL SELECT people.body -> 'people' -> about.owner ->> 'manager' WHERE r.role = 'manager'
      UNION ALL SELECT x.name FROM (VALUES (people.body -> 'roles' ->
          CASE r.role WHEN 'approvers' THEN 'approver' ELSE r.role END)) AS h(holders)
        LEFT JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(h.holders) WHEN 'array' THEN h.holders
          WHEN 'string' THEN jsonb_build_array(h.holders) ELSE '[null]' END) AS x(name) ON true
        WHERE r.role NOT IN ('owner', 'manager')) n
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('role', u.role, 'name', u.name) ORDER BY u.place, u.name), '[]')
  FROM (SELECT role, name, min(place) AS place FROM named GROUP BY role, name) u
$$;
