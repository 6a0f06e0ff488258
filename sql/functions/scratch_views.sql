-- The register's views once more, over the tables and functions in the session's temporary schema, which are there already.
CREATE OR REPLACE FUNCTION capa.scratch_views() RETURNS void LANGUAGE plpgsql SET search_path = '' SET client_min_messages = warning AS $$
DECLARE
  text_ text;
BEGIN
  FOR text_ IN
    SELECT format('CREATE TEMPORARY VIEW %I AS %s', c.relname, pg_get_viewdef(c.oid)) FROM pg_class c
      WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind = 'v' ORDER BY c.oid
  LOOP
    EXECUTE capa.as_of_text(text_);
  END LOOP;
END $$;
