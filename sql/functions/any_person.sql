-- Is this person one of these names, as far as separation of duties goes? Spelling makes no other person (capa.name_key); a team or
-- role, on either side, stands for each of its people: nobody approves alone by writing, or by acting, under its name.
CREATE OR REPLACE FUNCTION capa.any_person(who text, names text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  own text[] := capa.people_keys(index, who);
BEGIN
  RETURN EXISTS (SELECT FROM unnest(names) AS name_ WHERE capa.people_keys(index, name_) && own);
END $$;
