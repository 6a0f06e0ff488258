-- A reference into a standard as a path for searching: ISO/IEC 27001:2022 10.2 d is 10/2/d, A.8.13 is a/8/13, NIS2 21(2)(c)
-- nis2/21/2/c. The standard's own name is left out where it is 27001, so that 10.2 finds it however it was written.
CREATE OR REPLACE FUNCTION capa.requirement_key(text_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT btrim(regexp_replace(lower(regexp_replace(capa.requirement_spelling(text_), '^ISO/IEC 27001(:\d{4})? ', '')),
                              '[^[:alnum:]]+', '/', 'g'), '/')
$$;
