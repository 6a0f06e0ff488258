-- The tables of the register as they were after a journal row, in the session's temporary schema (capa.scratch_register). All other
-- tables as views of the same names: journal and events up to the moment, the rest as it is.
CREATE OR REPLACE FUNCTION capa.as_of_tables(moment timestamptz, seq_ bigint) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
  name_ text;
  before text := format('received <= %L', moment);
BEGIN
  PERFORM capa.scratch_register(seq_);
  FOR name_ IN
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN (SELECT r.name FROM capa.register_table r) AND c.relname NOT IN ('nc_tally', 'rollup', 'setting', 'tally', 'turn')
  LOOP
    EXECUTE format('CREATE TEMPORARY VIEW %1$I AS SELECT * FROM capa.%1$I WHERE %2$s', name_, CASE
      WHEN name_ IN ('journal', 'journal_body') THEN format('seq <= %s', seq_)
      WHEN name_ IN ('event', 'event_nc', 'event_proof', 'ignored', 'muted', 'quarantine') THEN before
      WHEN name_ = 'epoch' THEN format('began_at <= %L', moment)
      ELSE 'true' END);
  END LOOP;
  PERFORM capa.as_of_setting();
  -- counted from the events themselves: the tallies don't say when
  EXECUTE format('CREATE TEMPORARY VIEW tally AS '
    'SELECT source, type, ''stored'' AS status, count(*) AS n, min(received) AS first_at, max(received) AS last_at FROM capa.event WHERE %1$s GROUP BY source, type '
    'UNION ALL SELECT source, type, ''ignored'', count(*), min(received), max(received) FROM capa.ignored WHERE %1$s GROUP BY source, type', before);
  EXECUTE 'CREATE TEMPORARY VIEW rollup AS SELECT 9223372036854775807 AS upto, NULL::timestamptz AS at';
  EXECUTE format('CREATE TEMPORARY VIEW nc_tally AS SELECT nc, count(*) FILTER (WHERE effect = ''f'') AS fails, '
    'count(*) FILTER (WHERE effect = ''p'') AS passes, min(least(observed, first_seen)) FILTER (WHERE effect = ''f'') AS first_seen, '
    'max(observed) FILTER (WHERE effect = ''f'') AS last_seen FROM ('
    'SELECT nc, effect, observed, first_seen FROM capa.event WHERE nc IS NOT NULL AND %1$s '
    'UNION ALL SELECT nc, effect, observed, NULL FROM capa.event_nc WHERE %1$s '
    'UNION ALL SELECT nc, effect, observed, NULL FROM capa.event_gone WHERE eventno <= %2$s) e GROUP BY nc',
    before, greatest(capa.eventno_at(moment), (SELECT max(eventno) FROM capa.event WHERE received <= moment)));
END $$;
