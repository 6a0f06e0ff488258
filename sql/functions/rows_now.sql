-- The present values of register rows: rows_ is an array of such rows at any time; found again by the table's key.
CREATE OR REPLACE FUNCTION capa.rows_now(tbl_ text, rows_ jsonb) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  key_ text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
                WHERE k.conrelid = format('capa.%I', tbl_)::regclass AND k.contype = 'p');
BEGIN
  RETURN QUERY EXECUTE format('SELECT to_jsonb(x) FROM capa.%1$I x WHERE (%2$s) IN
    (SELECT %2$s FROM jsonb_populate_recordset(NULL::capa.%1$I, $1))', tbl_, key_) USING rows_;
END $$;
