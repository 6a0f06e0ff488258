-- Whether a person of the people file is absent at a moment.
CREATE OR REPLACE FUNCTION capa.is_absent(name_ text, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN capa.absent_until(name_, at) IS NOT NULL;
END $$;
