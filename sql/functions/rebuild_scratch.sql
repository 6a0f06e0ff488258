-- The register as the journal has it up to a row (null: all), in temporary tables rebuilt_<name>: what capa.rebuild_check
-- compares, and what reading as of a moment begins with. The same statements as capa.apply, into other tables.
CREATE OR REPLACE FUNCTION capa.rebuild_scratch(upto bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
  t capa.register_table;
  change record;
BEGIN
  FOR t IN SELECT * FROM capa.register_table ORDER BY name LOOP
    EXECUTE format('DROP TABLE IF EXISTS pg_temp.%I', 'rebuilt_' || t.name);
    EXECUTE format('CREATE TEMPORARY TABLE %I (LIKE capa.%I INCLUDING ALL)', 'rebuilt_' || t.name, t.name);
  END LOOP;
  FOR change IN SELECT * FROM capa.journal_changes(upto) LOOP
    SELECT * INTO STRICT t FROM capa.register_table r WHERE r.name = change.tbl;
    EXECUTE replace(t.statement, format('INSERT INTO capa.%I', t.name), format('INSERT INTO pg_temp.%I', 'rebuilt_' || t.name))
    USING change.rows;
  END LOOP;
END $$;
