-- Are these two names one person, as far as separation of duties goes? Spelling makes no other person (capa.name_key); the name
-- of a team stands for each of its members.
CREATE OR REPLACE FUNCTION capa.same_person(who text, name_ text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(capa.name_key(name_) = ANY (capa.names_of(who)), false)
$$;
