-- The person of the people file that a name means, as the file spells it; null if there is none, or no file.
CREATE OR REPLACE FUNCTION capa.person_of(name_ text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN capa.people_names() -> 'person' ->> capa.name_key(name_);
END $$;
