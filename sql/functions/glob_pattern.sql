-- A text in which * stands for any text, as a pattern of LIKE.
CREATE OR REPLACE FUNCTION capa.glob_pattern(glob text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT replace(replace(replace(replace(glob, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')
$$;
