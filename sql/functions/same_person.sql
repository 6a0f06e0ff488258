-- Are these two names one person, as far as separation of duties goes? Case and blanks around make no other person.
-- A team or role (of the people file, where one is loaded) stands for each of its members (SEMANTICS section 6).
CREATE OR REPLACE FUNCTION capa.same_person(who text, name_ text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(lower(btrim(who)) = lower(btrim(name_)) OR EXISTS (
    SELECT FROM (SELECT body FROM capa.loaded WHERE kind = 'people' ORDER BY version DESC LIMIT 1) p,
      jsonb_each(CASE jsonb_typeof(p.body -> 'teams') WHEN 'object' THEN p.body -> 'teams' ELSE '{}' END) t
    WHERE lower(btrim(t.key)) = lower(btrim(name_))
      AND (lower(t.value ->> 'lead') = lower(btrim(who))
           OR EXISTS (SELECT FROM jsonb_array_elements_text(
                        CASE jsonb_typeof(t.value -> 'members') WHEN 'array' THEN t.value -> 'members' ELSE '[]' END) m
                      WHERE lower(m) = lower(btrim(who))))), false)
$$;
