-- A clause down to its letter and number, as "10.2 b 3"; null where the text is none.
CREATE OR REPLACE FUNCTION capa.clause_spelling(text_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT p[1] || coalesce(' ' || lower(p[2]), '') || coalesce(' ' || p[3], '')
  FROM regexp_match(btrim(text_), '^(\d{1,2}(?:\.\d{1,2}){1,3}) ?(?:\(?([a-z])\)?)? ?(?:\(?(\d{1,2})\)?)?$', 'i') p
  WHERE p IS NOT NULL
$$;
