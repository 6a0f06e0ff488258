-- The register's tables as they were after a journal row, in the session's temporary schema: of each key the newest complete value that the
-- journal holds. For reading as of a moment (capa.as_of_tables) and for playing from one (capa.replay_tables).
CREATE OR REPLACE FUNCTION capa.scratch_register(seq_ bigint) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
  name_ text;
  keys text;
BEGIN
  CREATE TEMPORARY TABLE as_of_change AS
    SELECT c.tbl, r.value AS row, row_number() OVER (ORDER BY c.seq, c.place, r.place) AS n
    FROM capa.journal_changes(seq_) c CROSS JOIN LATERAL jsonb_array_elements(c.rows) WITH ORDINALITY AS r(value, place);
  FOR name_ IN SELECT name FROM capa.register_table ORDER BY name LOOP
    SELECT string_agg(format('row -> %L', a.attname), ', ' ORDER BY a.attnum) INTO STRICT keys
      FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
      WHERE k.conrelid = format('capa.%I', name_)::regclass AND k.contype = 'p';
    EXECUTE format('CREATE TEMPORARY TABLE %1$I (LIKE capa.%1$I INCLUDING ALL)', name_);
    EXECUTE format('INSERT INTO pg_temp.%1$I SELECT p.* FROM (SELECT DISTINCT ON (%2$s) row FROM pg_temp.as_of_change '
                   'WHERE tbl = %1$L ORDER BY %2$s, n DESC) x CROSS JOIN LATERAL jsonb_populate_record(NULL::pg_temp.%1$I, x.row) p',
                   name_, keys);
    EXECUTE format('ANALYZE pg_temp.%I', name_);
  END LOOP;
  -- what is restricted now is so in its past
  EXECUTE 'UPDATE pg_temp.nc x SET restricted = n.restricted FROM capa.nc n WHERE n.id = x.id AND n.restricted IS DISTINCT FROM x.restricted';
END $$;
