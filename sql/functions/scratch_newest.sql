-- Of each key the newest value that the journal's rows from..upto hold, as rows of pg_temp.as_of_change. wanted: only of the keys in
-- pg_temp.as_of_wanted, which are taken out of it when found.
CREATE OR REPLACE FUNCTION capa.scratch_newest(after_ bigint, upto_ bigint, wanted boolean) RETURNS void LANGUAGE plpgsql SET work_mem = '64MB' AS $$
BEGIN
  EXECUTE format('INSERT INTO pg_temp.as_of_change SELECT DISTINCT ON (x.tbl, x.key) x.tbl, x.key, x.row FROM ('
                 'SELECT c.tbl, %s AS key, r.value AS row, c.seq, c.place, r.place AS row_place '
                 'FROM capa.journal_changes($1, $2) c CROSS JOIN LATERAL jsonb_array_elements(c.rows) WITH ORDINALITY AS r(value, place)) x %s '
                 'ORDER BY x.tbl, x.key, x.seq DESC, x.place DESC, x.row_place DESC',
                 (SELECT 'CASE c.tbl ' || string_agg(format('WHEN %L THEN %s', name, capa.scratch_key(name, 'r.value -> %L')), ' ') || ' END' FROM capa.register_table),
                 CASE WHEN wanted THEN 'JOIN pg_temp.as_of_wanted w USING (tbl, key)' ELSE '' END) USING upto_, after_;
  IF wanted THEN
    DELETE FROM pg_temp.as_of_wanted w USING pg_temp.as_of_change c WHERE c.tbl = w.tbl AND c.key = w.key;
  END IF;
END $$;
