-- Who a step is for, by name: [{"role","name"}], the roles of its ladder resolved now. owner is the action's for an action's
-- deadline, the follow-up's for a follow-up's; manager is that owner's own (a team's: its lead's, or its members' where it has none).
-- approvers join where a second person is waited for: a plan in `planned`, a short closing to confirm. Teams, absences
-- and leavers are resolved by capa.reach: {"role":"deputy","name":"ben","for":"anna"}. A role that nobody is known for stands
-- with name null, so that it is seen.
CREATE OR REPLACE FUNCTION capa.recipients(d capa.deadline, roles text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH about AS (
    SELECT CASE WHEN d.follow_up IS NOT NULL THEN (SELECT f.owner FROM capa.follow_up f WHERE f.id = d.follow_up)
                WHEN d.action IS NOT NULL THEN (SELECT a.owner FROM capa.action a WHERE a.id = d.action)
                ELSE n.owner END AS owner, n.state
    FROM capa.nc n WHERE n.id = d.nc
  ), role AS (
    SELECT r.role, r.place FROM unnest(roles) WITH ORDINALITY AS r(role, place)
    UNION ALL
    SELECT 'approvers', 1000 FROM about
    WHERE (d.kind = 'act' AND about.state = 'planned') OR d.kind = 'confirmation'
  ), asked AS (
    SELECT r.role, r.place, about.owner AS name FROM role r, about WHERE r.role = 'owner'
    UNION ALL
    SELECT r.role, r.place, m.name FROM role r CROSS JOIN about LEFT JOIN LATERAL unnest(capa.managers_of(about.owner)) AS m(name) ON true
    WHERE r.role = 'manager'
    UNION ALL
    SELECT r.role, r.place, h.name FROM role r LEFT JOIN LATERAL (
      SELECT unnest(capa.people_of(g.role)) AS name FROM (SELECT CASE r.role WHEN 'approvers' THEN 'approver' ELSE r.role END AS role) g
      WHERE capa.people_names() -> 'group' ? g.role) h ON true
    WHERE r.role NOT IN ('owner', 'manager')
  ), named AS (
    SELECT x.role, x.name, x."for", min(asked.place) AS place
    FROM asked CROSS JOIN LATERAL capa.reach(asked.role, asked.name, capa.now()) x
    GROUP BY x.role, x.name, x."for"
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('role', u.role, 'name', u.name)
                            || CASE WHEN u."for" IS NULL THEN '{}' ELSE jsonb_build_object('for', u."for") END
                            ORDER BY u.place, u.role <> 'deputy' DESC, u.name), '[]')
  FROM (SELECT DISTINCT ON (role, name) * FROM named ORDER BY role, name, "for" NULLS FIRST) u
$$;
