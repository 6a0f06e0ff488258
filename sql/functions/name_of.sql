-- A name as the people file spells it, be it a person's, a team's or a role's; any other as it was given.
CREATE OR REPLACE FUNCTION capa.name_of(name_ text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  key_ text := capa.name_key(name_);
BEGIN
  RETURN coalesce(index -> 'person' ->> key_, index -> 'group' -> key_ ->> 'name', name_);
END $$;
