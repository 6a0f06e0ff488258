-- The register's tables as they were after a journal row, in the session's temporary schema: of each key the newest complete value that the
-- journal holds up to it. Read from the journal's rows up to it, or from the tables of now and the rows since, whichever are fewer; both
-- give the same. For reading as of a moment (capa.as_of_tables) and for playing from one (capa.replay_tables).
CREATE OR REPLACE FUNCTION capa.scratch_register(seq_ bigint, back boolean DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
  name_ text;
BEGIN
  CREATE TEMPORARY TABLE as_of_change (tbl text, key jsonb, row jsonb);
  FOR name_ IN SELECT name FROM capa.register_table LOOP
    EXECUTE format('CREATE TEMPORARY TABLE %1$I (LIKE capa.%1$I INCLUDING ALL)', name_);
  END LOOP;
  IF coalesce(back, (SELECT max(seq) FROM capa.journal) < 2 * seq_) THEN
    PERFORM capa.scratch_back(seq_);
  ELSE
    PERFORM capa.scratch_newest(0, seq_, false);
  END IF;
  FOR name_ IN SELECT DISTINCT tbl FROM pg_temp.as_of_change LOOP
    EXECUTE format('INSERT INTO pg_temp.%1$I SELECT p.* FROM pg_temp.as_of_change c CROSS JOIN LATERAL jsonb_populate_record(NULL::pg_temp.%1$I, c.row) p '
                   'WHERE c.tbl = %1$L', name_);
  END LOOP;
  FOR name_ IN SELECT name FROM capa.register_table WHERE pg_relation_size(format('pg_temp.%I', name)::regclass) > 65536 LOOP
    EXECUTE format('ANALYZE pg_temp.%I', name_); -- of a small one it helps nothing
  END LOOP;
  -- what is restricted now is so in its past
  EXECUTE 'UPDATE pg_temp.nc x SET restricted = n.restricted FROM capa.nc n WHERE n.id = x.id AND n.restricted IS DISTINCT FROM x.restricted';
END $$;
