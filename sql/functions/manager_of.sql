-- A person's manager who is still there at a moment: the next one up if that one has left too. Null where there is none.
CREATE OR REPLACE FUNCTION capa.manager_of(name_ text, at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  people_ jsonb := capa.people() -> 'people';
  who text := capa.person_of(name_);
BEGIN
  FOR i IN 1 .. 100 LOOP
    who := people_ -> who ->> 'manager';
    EXIT WHEN who IS NULL OR NOT capa.person_left(who, at);
  END LOOP;
  RETURN CASE WHEN NOT capa.person_left(who, at) THEN who END;
END $$;
