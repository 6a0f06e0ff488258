-- The names that a person acts under: the own one and those of teams and roles (of the people file, where one is loaded) that
-- the person leads or belongs to (SEMANTICS section 6: expanded to people first). As keys: spelling makes nobody another.
CREATE OR REPLACE FUNCTION capa.names_of(who text) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(name_) FROM (
    SELECT capa.name_key(who) AS name_
    UNION
    SELECT capa.name_key(t.key) FROM (SELECT body FROM capa.loaded WHERE kind = 'people' ORDER BY version DESC LIMIT 1) p,
      jsonb_each(CASE jsonb_typeof(p.body -> 'teams') WHEN 'object' THEN p.body -> 'teams' ELSE '{}' END) t
    WHERE capa.name_key(t.value ->> 'lead') = capa.name_key(who)
       OR EXISTS (SELECT FROM jsonb_array_elements_text(
                    CASE jsonb_typeof(t.value -> 'members') WHEN 'array' THEN t.value -> 'members' ELSE '[]' END) m
                  WHERE capa.name_key(m) = capa.name_key(who))
    UNION
    SELECT capa.name_key(r.key) FROM (SELECT body FROM capa.loaded WHERE kind = 'people' ORDER BY version DESC LIMIT 1) p,
      jsonb_each(CASE jsonb_typeof(p.body -> 'roles') WHEN 'object' THEN p.body -> 'roles' ELSE '{}' END) r
    WHERE EXISTS (SELECT FROM jsonb_array_elements_text(CASE jsonb_typeof(r.value) WHEN 'array' THEN r.value
                    WHEN 'string' THEN jsonb_build_array(r.value) ELSE '[]' END) m WHERE capa.name_key(m) = capa.name_key(who))) x
$$;
