-- The roles that the people file gives a person: those of its own entry, or, where that names none, reporter and owner (whoever
-- is named may report, and own what is given); and those of the file's "roles". Null for who is not in the file.
CREATE OR REPLACE FUNCTION capa.roles_of(name_ text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  body_ jsonb := capa.people();
  person text := capa.person_of(name_);
BEGIN
  IF person IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(
    SELECT jsonb_array_elements_text(coalesce(body_ -> 'people' -> person -> 'roles', '["reporter","owner"]'))
    UNION
    SELECT g.value ->> 'name' FROM jsonb_each(capa.people_names() -> 'group') g
    WHERE g.value ->> 'kind' = 'role' AND g.value -> 'people' ? capa.name_key(person)
    ORDER BY 1);
END $$;
