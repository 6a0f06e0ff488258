-- When a person leaves or left: the end of the day that people.json has under "left". Null for who stays, or is in no file.
CREATE OR REPLACE FUNCTION capa.left_at(name_ text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  last_day date := (capa.people() -> 'people' -> capa.person_of(name_) ->> 'left')::date;
BEGIN
  RETURN CASE WHEN last_day IS NOT NULL THEN (last_day + 1)::timestamp AT TIME ZONE capa.people_zone() END;
END $$;
