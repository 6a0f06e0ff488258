-- The index of names of the people file in force (capa.people_index), or null where there is none.
CREATE OR REPLACE FUNCTION capa.people_names() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  body_ jsonb := capa.people();
BEGIN
  RETURN coalesce(body_ -> 'index', CASE WHEN body_ IS NOT NULL THEN capa.people_index(body_) END);
END $$;
