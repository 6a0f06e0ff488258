-- Empties one of the session's temporary tables when what is in hand has been dealt with: by DELETE, and by TRUNCATE where deleted
-- rows have made it big. Not ON COMMIT DELETE ROWS: that truncates all of them at each commit, and every plan that
-- mentions one is made anew then (measured: half of the time of a batch that raises one NC).
CREATE OR REPLACE FUNCTION capa.stage_clear(table_ text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_total_relation_size(to_regclass(format('pg_temp.%I', table_))) > 1048576 THEN
    EXECUTE format('TRUNCATE pg_temp.%I', table_);
  ELSE
    EXECUTE format('DELETE FROM pg_temp.%I', table_);
  END IF;
END $$;
