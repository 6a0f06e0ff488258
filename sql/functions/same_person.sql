-- Are these two names one person, as far as separation of duties goes (capa.any_person)?
CREATE OR REPLACE FUNCTION capa.same_person(who text, name_ text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN capa.any_person(who, ARRAY[name_]);
END $$;
