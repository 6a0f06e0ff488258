-- The key of a register table's rows as an expression of SQL, a JSON list, with each of its columns written by a format that takes its name.
CREATE OR REPLACE FUNCTION capa.scratch_key(table_ text, column_ text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('jsonb_build_array(%s)', string_agg(format(column_, a.attname), ', ' ORDER BY a.attnum))
  FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
  WHERE k.conrelid = format('capa.%I', table_)::regclass AND k.contype = 'p'
$$;
