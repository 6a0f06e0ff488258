-- The tables of the register as they were after a journal row, in the session's temporary schema: of each key the newest complete
-- value that the journal holds. All other tables as views of the same names: journal and events up to the moment, the rest as it is.
CREATE OR REPLACE FUNCTION capa.as_of_tables(moment timestamptz, seq_ bigint) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
  name_ text;
  keys text;
  before text := format('received <= %L', moment);
BEGIN
  CREATE TEMPORARY TABLE as_of_change AS
    SELECT c.tbl, r.value AS row, row_number() OVER (ORDER BY c.seq, c.place, r.place) AS n
    FROM capa.journal_changes(seq_) c CROSS JOIN LATERAL jsonb_array_elements(c.rows) WITH ORDINALITY AS r(value, place);
  FOR name_ IN SELECT name FROM capa.register_table ORDER BY name LOOP
    SELECT string_agg(format('row -> %L', a.attname), ', ' ORDER BY a.attnum) INTO STRICT keys
      FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
      WHERE k.conrelid = format('capa.%I', name_)::regclass AND k.contype = 'p';
    EXECUTE format('CREATE TEMPORARY TABLE %1$I (LIKE capa.%1$I INCLUDING ALL)', name_);
    EXECUTE format('INSERT INTO pg_temp.%1$I SELECT p.* FROM (SELECT DISTINCT ON (%2$s) row FROM pg_temp.as_of_change '
                   'WHERE tbl = %1$L ORDER BY %2$s, n DESC) x CROSS JOIN LATERAL jsonb_populate_record(NULL::pg_temp.%1$I, x.row) p',
                   name_, keys);
    EXECUTE format('ANALYZE pg_temp.%I', name_);
  END LOOP;
  -- what is restricted now is so in its past
  EXECUTE 'UPDATE pg_temp.nc x SET restricted = n.restricted FROM capa.nc n WHERE n.id = x.id AND n.restricted IS DISTINCT FROM x.restricted';
  FOR name_ IN
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN (SELECT r.name FROM capa.register_table r) AND c.relname NOT IN ('nc_tally', 'rollup', 'turn')
  LOOP
    EXECUTE format('CREATE TEMPORARY VIEW %1$I AS SELECT * FROM capa.%1$I WHERE %2$s', name_, CASE
      WHEN name_ IN ('journal', 'journal_body') THEN format('seq <= %s', seq_)
      WHEN name_ IN ('event', 'event_nc', 'event_proof', 'ignored', 'quarantine') THEN before
      WHEN name_ = 'epoch' THEN format('began_at <= %L', moment)
      ELSE 'true' END);
  END LOOP;
  -- counted from the events themselves: the tallies don't say when
  EXECUTE 'CREATE TEMPORARY VIEW rollup AS SELECT 9223372036854775807 AS upto, NULL::timestamptz AS at';
  EXECUTE format('CREATE TEMPORARY VIEW nc_tally AS SELECT nc, count(*) FILTER (WHERE effect = ''f'') AS fails, '
    'count(*) FILTER (WHERE effect = ''p'') AS passes, min(least(observed, first_seen)) FILTER (WHERE effect = ''f'') AS first_seen, '
    'max(observed) FILTER (WHERE effect = ''f'') AS last_seen FROM ('
    'SELECT nc, effect, observed, first_seen FROM capa.event WHERE nc IS NOT NULL AND %1$s '
    'UNION ALL SELECT nc, effect, observed, NULL FROM capa.event_nc WHERE %1$s '
    'UNION ALL SELECT nc, effect, observed, NULL FROM capa.event_gone WHERE eventno <= %2$s) e GROUP BY nc',
    before, greatest(capa.eventno_at(moment), (SELECT max(eventno) FROM capa.event WHERE received <= moment)));
END $$;
