-- The names that a person acts under: the own one, others of the same person, and those of teams and roles (of the people file,
-- where one is loaded) that the person leads, belongs to or holds. As keys: spelling makes nobody another. Who asks "is this mine"
-- compares with these; separation of duties asks capa.same_person.
CREATE OR REPLACE FUNCTION capa.names_of(who text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  key_ text := capa.name_key(who);
BEGIN
  key_ := coalesce(capa.name_key(index -> 'person' ->> key_), key_);
  RETURN CASE WHEN index -> 'names' ? key_ THEN ARRAY(SELECT jsonb_array_elements_text(index -> 'names' -> key_)) ELSE ARRAY[key_] END;
END $$;
