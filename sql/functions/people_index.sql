-- What a people file says of names, by their keys (capa.name_key), so that nobody who asks for a name walks through the file:
--   person  {KEY: NAME}: people, by the own name, those under "also", and "name" in full where it means nobody else
--   group   {KEY: {"name","kind","people":[KEY]}}: teams and roles, and who leads, belongs to or holds them
--   names   {KEY of a person: [KEY]}: the names that a person acts under: own, "also", those of teams and roles
-- A person's own "roles" count like the file's "roles". A lead or member that is no person of the file stands under its own key.
CREATE OR REPLACE FUNCTION capa.people_index(body jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH called AS (
    SELECT p.key AS name, capa.name_key(p.key) AS own, k.key
    FROM jsonb_each(body -> 'people') p CROSS JOIN LATERAL (
      SELECT capa.name_key(p.key) AS key
      UNION SELECT capa.name_key(a) FROM jsonb_array_elements_text(coalesce(p.value -> 'also', '[]')) a) k
  ), full_name AS (
    SELECT min(p.key) AS name, capa.name_key(p.value ->> 'name') AS key
    FROM jsonb_each(body -> 'people') p WHERE capa.name_key(p.value ->> 'name') <> ''
    GROUP BY capa.name_key(p.value ->> 'name') HAVING count(*) = 1
  ), person AS (
    SELECT name, own, key FROM called
    UNION ALL
    SELECT f.name, capa.name_key(f.name), f.key FROM full_name f
    WHERE NOT EXISTS (SELECT FROM called c WHERE c.key = f.key)
      AND NOT EXISTS (SELECT FROM jsonb_object_keys(coalesce(body -> 'teams', '{}') || coalesce(body -> 'roles', '{}')) g
                      WHERE capa.name_key(g) = f.key)
  ), member AS (
    SELECT t.key AS name, 'team' AS kind, t.value ->> 'lead' AS who FROM jsonb_each(coalesce(body -> 'teams', '{}')) t
    UNION ALL
    SELECT t.key, 'team', m FROM jsonb_each(coalesce(body -> 'teams', '{}')) t,
      jsonb_array_elements_text(coalesce(t.value -> 'members', '[]')) m
    UNION ALL
    SELECT r.key, 'role', m FROM jsonb_each(coalesce(body -> 'roles', '{}')) r,
      jsonb_array_elements_text(CASE jsonb_typeof(r.value) WHEN 'array' THEN r.value ELSE jsonb_build_array(r.value) END) m
    UNION ALL
    SELECT r, 'role', p.key FROM jsonb_each(body -> 'people') p, jsonb_array_elements_text(coalesce(p.value -> 'roles', '[]')) r
  ), held AS (
    SELECT DISTINCT m.name, m.kind, coalesce(p.own, capa.name_key(m.who)) AS own
    FROM member m LEFT JOIN person p ON p.key = capa.name_key(m.who)
  )
  SELECT jsonb_build_object(
    'person', coalesce((SELECT jsonb_object_agg(key, name) FROM person), '{}'),
    'group', coalesce((SELECT jsonb_object_agg(capa.name_key(g.name), jsonb_build_object('name', g.name, 'kind', g.kind, 'people', g.people))
                       FROM (SELECT name, kind, coalesce(jsonb_agg(own ORDER BY own) FILTER (WHERE own IS NOT NULL), '[]') AS people
                             FROM held GROUP BY name, kind) g), '{}'),
    'names', coalesce((SELECT jsonb_object_agg(n.own, n.names) FROM (
        SELECT own, jsonb_agg(DISTINCT key) AS names FROM (
          SELECT own, key FROM person UNION ALL SELECT own, capa.name_key(name) FROM held WHERE own IS NOT NULL
          UNION ALL SELECT own, own FROM held WHERE own IS NOT NULL) x GROUP BY own) n), '{}'))
$$;
