-- Is this person one of these names (capa.same_person)?
CREATE OR REPLACE FUNCTION capa.any_person(who text, names text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM unnest(names) AS name_ WHERE capa.name_key(name_) = ANY (capa.names_of(who)))
$$;
