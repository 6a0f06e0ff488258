-- Rebuilds the register from the journal beside the register and compares: no rows if the two are the same. side: "register"
-- is what only the register has, "journal" what only the journal says. Owner only.
CREATE OR REPLACE FUNCTION capa.rebuild_check() RETURNS TABLE (tbl text, side text, "row" jsonb) LANGUAGE plpgsql AS $$
DECLARE
  name_ text;
BEGIN
  PERFORM capa.rebuild_scratch();
  FOR name_ IN SELECT name FROM capa.register_table ORDER BY name LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %1$L, ''register'', to_jsonb(x) FROM (SELECT * FROM capa.%1$I EXCEPT SELECT * FROM pg_temp.%2$I) x '
      'UNION ALL SELECT %1$L, ''journal'', to_jsonb(x) FROM (SELECT * FROM pg_temp.%2$I EXCEPT SELECT * FROM capa.%1$I) x',
      name_, 'rebuilt_' || name_);
  END LOOP;
END $$;
