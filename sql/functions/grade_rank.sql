-- Grades in order: ofi 0 … critical 4.
CREATE OR REPLACE FUNCTION capa.grade_rank(grade_ text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT 5 - array_position(capa.grades(), grade_)
$$;
