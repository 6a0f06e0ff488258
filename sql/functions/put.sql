-- Change the register: apply complete new rows (one object, or an array of them) and keep them for the
-- next journal row of this transaction (capa.tell).
CREATE OR REPLACE FUNCTION capa.put(tbl text, rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  list jsonb := CASE jsonb_typeof(rows) WHEN 'array' THEN rows ELSE jsonb_build_array(rows) END;
BEGIN
  IF jsonb_array_length(list) = 0 THEN
    RETURN;
  END IF;
  PERFORM capa.stage();
  PERFORM capa.apply(tbl, list);
  INSERT INTO pg_temp.capa_change (tbl, rows) VALUES (tbl, list);
END $$;
