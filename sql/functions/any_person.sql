-- Is this person one of these names (capa.same_person)?
CREATE OR REPLACE FUNCTION capa.any_person(who text, names text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_or(capa.same_person(who, name_)), false) FROM unnest(names) AS name_
$$;
