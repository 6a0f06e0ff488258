-- The grades, worst first.
CREATE OR REPLACE FUNCTION capa.grades() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['critical', 'major', 'minor', 'observation', 'ofi']
$$;
