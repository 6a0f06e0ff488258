-- The next higher grade; critical stays.
CREATE OR REPLACE FUNCTION capa.grade_up(grade_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (capa.grades())[greatest(array_position(capa.grades(), grade_) - 1, 1)]
$$;
