-- What the journal's rows say of the register's tables, in order, up to a row (null: all) and after another: one row for each table that
-- one journal row changed. `rows` are complete new values, as capa.apply takes them.
CREATE OR REPLACE FUNCTION capa.journal_changes(upto bigint DEFAULT NULL, after_ bigint DEFAULT 0)
RETURNS TABLE (seq bigint, place bigint, tbl text, rows jsonb) LANGUAGE sql STABLE AS $$
  SELECT b.seq, c.place, c.change ->> 'table', c.change -> 'rows'
  FROM capa.journal_body b
  CROSS JOIN LATERAL jsonb_array_elements(b.body::jsonb -> 'data' -> 'changes') WITH ORDINALITY AS c(change, place)
  WHERE b.body IS NOT NULL AND (upto IS NULL OR b.seq <= upto) AND b.seq > after_
  ORDER BY b.seq, c.place
$$;
