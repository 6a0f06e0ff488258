-- When a person leaves or left: the end of the day that people.json has under "left". Null for who stays, or is in no file.
CREATE OR REPLACE FUNCTION capa.left_at(name_ text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  entry jsonb := capa.people() -> 'people' -> capa.person_of(name_);
BEGIN
  RETURN CASE WHEN entry ? 'left' THEN capa.entry_left_at(entry, capa.people_zone()) END;
END $$;
