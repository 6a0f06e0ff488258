-- A clause as the beginning of a sentence.
CREATE OR REPLACE FUNCTION capa.first_up(clause text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT upper(left(clause, 1)) || substr(clause, 2)
$$;
