-- The functions and views of the register once more, over the tables of capa.as_of_tables (capa.scratch_functions, _views). The clock
-- stands at the moment; who may call and read what is asked of now.
CREATE OR REPLACE FUNCTION capa.as_of_functions(moment timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = '' SET check_function_bodies = off SET client_min_messages = warning AS $$
BEGIN
  PERFORM capa.scratch_functions('^(ingest|as_of|scratch|replay|shadow|retain|partition|rebuild|tick)|^(now|check_call|may_read|hidden_ncs)$');
  EXECUTE format('CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql STABLE AS %L',
                 format('SELECT %L::timestamptz', moment));
  CREATE FUNCTION pg_temp.check_call(text, jsonb, jsonb) RETURNS void LANGUAGE plpgsql AS
    'BEGIN PERFORM capa.check_call($1, $2, $3); END';
  CREATE FUNCTION pg_temp.may_read(jsonb, text, pg_temp.nc) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN RETURN (SELECT capa.may_read($1, $2, n) FROM capa.nc n WHERE n.id = ($3).id); END';
  CREATE FUNCTION pg_temp.hidden_ncs(jsonb, text) RETURNS int[] LANGUAGE plpgsql AS
    'BEGIN RETURN capa.hidden_ncs($1, $2); END';
  PERFORM capa.scratch_views();
END $$;
