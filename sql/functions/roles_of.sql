-- The roles that the people file gives a person: those of its own entry, or, where that names none, reporter and owner (whoever
-- is named may report, and own what is given); and those of the file's "roles". Null for who is not in the file.
CREATE OR REPLACE FUNCTION capa.roles_of(name_ text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  person text := index -> 'person' ->> capa.name_key(name_);
BEGIN
  RETURN CASE WHEN person IS NOT NULL THEN capa.entry_roles(person, capa.people() -> 'people' -> person, index) END;
END $$;
