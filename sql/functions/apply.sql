-- The only writer of the register tables: rows is an array of complete new values. Used by capa.put
-- with what is new, and by capa.rebuild with what the journal holds; so both give the same register.
CREATE OR REPLACE FUNCTION capa.apply(tbl text, rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  statement_ text := (SELECT statement FROM capa.register_table WHERE name = tbl);
BEGIN
  IF statement_ IS NULL THEN
    RAISE EXCEPTION 'capa.apply: % is no register table', tbl;
  END IF;
  EXECUTE statement_ USING rows;
END $$;
