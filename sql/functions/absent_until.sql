-- The last day of the absence that a person is in at a moment, days of both ends included; null for who is there.
CREATE OR REPLACE FUNCTION capa.absent_until(name_ text, at timestamptz) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
  absences jsonb := capa.people() -> 'people' -> capa.person_of(name_) -> 'absent';
  today date;
BEGIN
  IF absences IS NULL THEN
    RETURN NULL;
  END IF;
  today := (at AT TIME ZONE capa.people_zone())::date;
  RETURN (SELECT max((a ->> 'to')::date) FROM jsonb_array_elements(absences) a
          WHERE (a ->> 'from')::date <= today AND today <= (a ->> 'to')::date);
END $$;
