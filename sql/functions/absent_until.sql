-- The last day of the absence that a person is in at a moment, days of both ends included; null for who is there.
CREATE OR REPLACE FUNCTION capa.absent_until(name_ text, at timestamptz) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
  entry jsonb := capa.people() -> 'people' -> capa.person_of(name_);
BEGIN
  RETURN CASE WHEN entry ? 'absent' THEN capa.entry_absent_until(entry, (at AT TIME ZONE capa.people_zone())::date) END;
END $$;
