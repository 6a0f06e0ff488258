-- What makes two names one person's, as far as separation of duties goes: case, blanks and Unicode's other ways of writing the
-- same letters (NFKC: no-break spaces, full-width letters) do not count.
CREATE OR REPLACE FUNCTION capa.name_key(name_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT lower(btrim(regexp_replace(normalize(name_, NFKC), '\s+', ' ', 'g')))
$$;
