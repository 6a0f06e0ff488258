-- The people file in force (people.json as loaded, sql/README.md "The people as loaded"), or null where there is none: one that names
-- nobody is as good as none, any name is taken then. "index" in it is what capa.people_index made of it at loading.
CREATE OR REPLACE FUNCTION capa.people() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  body_ jsonb := (SELECT body FROM capa.loaded WHERE kind = 'people' ORDER BY version DESC LIMIT 1);
BEGIN
  RETURN CASE WHEN capa.names_anybody(body_) THEN body_ END;
END $$;
