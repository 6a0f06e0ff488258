-- A replay changes its scratch register as capa.put does, and keeps nothing for a journal.
CREATE OR REPLACE FUNCTION capa.shadow_put(tbl text, rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.apply(tbl, CASE jsonb_typeof(rows) WHEN 'array' THEN rows ELSE jsonb_build_array(rows) END);
END $$;
