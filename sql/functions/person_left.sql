-- Whether a person of the people file has left by a moment.
CREATE OR REPLACE FUNCTION capa.person_left(name_ text, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(capa.left_at(name_) <= at, false);
END $$;
