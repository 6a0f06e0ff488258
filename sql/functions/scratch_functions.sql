-- The register's types and functions once more, in the session's temporary schema, over the tables there: their own texts with the
-- schemas' names replaced (capa.x is pg_temp.x, api.x is pg_temp.api_x). Not those whose name matches without_.
CREATE OR REPLACE FUNCTION capa.scratch_functions(without_ text) RETURNS void LANGUAGE plpgsql
SET search_path = '' SET check_function_bodies = off SET client_min_messages = warning AS $$
DECLARE
  text_ text;
BEGIN
  FOR text_ IN
    SELECT format('CREATE TYPE pg_temp.%I AS (%s)', c.relname,
                  string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum))
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind = 'c' GROUP BY c.oid
    UNION ALL
    SELECT pg_get_functiondef(p.oid) FROM pg_proc p
      WHERE p.pronamespace IN ('capa'::regnamespace, 'api'::regnamespace) AND p.prokind = 'f' AND p.proname !~ without_
  LOOP
    EXECUTE capa.as_of_text(text_);
  END LOOP;
END $$;
