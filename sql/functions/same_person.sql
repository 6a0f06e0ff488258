-- Are these two names one person, as far as separation of duties goes? Case and blanks around make no other person; the name
-- of a team stands for each of its members.
CREATE OR REPLACE FUNCTION capa.same_person(who text, name_ text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(lower(btrim(name_)) = ANY (capa.names_of(who)), false)
$$;
