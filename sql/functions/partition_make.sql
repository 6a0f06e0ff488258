-- Makes one partition [from_, to_) of a table, unless it is there. Rows that already went to the default partition (the clock
-- jumped, or nobody ticked for long) move into it. Made apart and attached, so that writers wait for an instant only.
CREATE OR REPLACE FUNCTION capa.partition_make(table_ text, name_ text, from_ timestamptz, to_ timestamptz) RETURNS void
LANGUAGE plpgsql SET client_min_messages = warning AS $$
BEGIN
  IF to_regclass(format('capa.%I', name_)) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE capa.%I (LIKE capa.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name_, table_);
  EXECUTE format('LOCK TABLE capa.%I IN ACCESS EXCLUSIVE MODE', table_ || '_default');
  EXECUTE format('WITH moved AS (DELETE FROM capa.%I WHERE received >= %L AND received < %L RETURNING *) '
                 'INSERT INTO capa.%I SELECT * FROM moved', table_ || '_default', from_, to_, name_);
  EXECUTE format('ALTER TABLE capa.%I ATTACH PARTITION capa.%I FOR VALUES FROM (%L) TO (%L)', table_, name_, from_, to_);
END $$;
