-- The next higher grade; critical stays.
CREATE OR REPLACE FUNCTION capa.grade_up(grade_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY['ofi', 'observation', 'minor', 'major', 'critical'])[least(capa.grade_rank(grade_) + 2, 5)]
$$;
