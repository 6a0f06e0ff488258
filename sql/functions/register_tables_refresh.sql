-- Writes the upsert statement of each register table from the catalogue. Run by `capad migrate` after
-- migrations and functions, so that a new column is known to capa.apply.
CREATE OR REPLACE FUNCTION capa.register_tables_refresh() RETURNS void LANGUAGE sql AS $$
  UPDATE capa.register_table t SET statement = (
    WITH column_ AS (
      SELECT a.attname, a.attnum = ANY (k.conkey) AS is_key, a.attnum
      FROM pg_attribute a
      JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
      WHERE a.attrelid = format('capa.%I', t.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped)
    SELECT format(
      'INSERT INTO capa.%1$I (%2$s) SELECT %2$s FROM jsonb_populate_recordset(NULL::capa.%1$I, $1) '
      'ON CONFLICT (%3$s) DO UPDATE SET %4$s',
      t.name,
      string_agg(quote_ident(attname), ', ' ORDER BY attnum),
      string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE is_key),
      string_agg(format('%1$I = EXCLUDED.%1$I', attname), ', ' ORDER BY attnum) FILTER (WHERE NOT is_key))
    FROM column_)
$$;
