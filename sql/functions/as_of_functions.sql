-- The functions and views of the register once more, over the tables of capa.as_of_tables: their own texts with the schemas' names
-- replaced (capa.x is pg_temp.x, api.x is pg_temp.api_x). The clock stands at the moment; who may call and read what is asked
-- of now.
CREATE OR REPLACE FUNCTION capa.as_of_functions(moment timestamptz) RETURNS void LANGUAGE plpgsql
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
      WHERE p.pronamespace IN ('capa'::regnamespace, 'api'::regnamespace) AND p.prokind = 'f'
        AND p.proname !~ '^(ingest|as_of|retain|partition|rebuild|tick)'
        AND p.proname NOT IN ('now', 'check_call', 'may_read', 'hidden_ncs')
  LOOP
    EXECUTE capa.as_of_text(text_);
  END LOOP;
  EXECUTE format('CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql STABLE AS %L',
                 format('SELECT %L::timestamptz', moment));
  CREATE FUNCTION pg_temp.check_call(text, jsonb, jsonb) RETURNS void LANGUAGE plpgsql AS
    'BEGIN PERFORM capa.check_call($1, $2, $3); END';
  CREATE FUNCTION pg_temp.may_read(jsonb, text, pg_temp.nc) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN RETURN (SELECT capa.may_read($1, $2, n) FROM capa.nc n WHERE n.id = ($3).id); END';
  CREATE FUNCTION pg_temp.hidden_ncs(jsonb, text) RETURNS int[] LANGUAGE plpgsql AS
    'BEGIN RETURN capa.hidden_ncs($1, $2); END';
  FOR text_ IN
    SELECT format('CREATE TEMPORARY VIEW %I AS %s', c.relname, pg_get_viewdef(c.oid)) FROM pg_class c
      WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind = 'v' ORDER BY c.oid
  LOOP
    EXECUTE capa.as_of_text(text_);
  END LOOP;
END $$;
