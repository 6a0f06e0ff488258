-- Several daemons tick at once: rows that one holds are left alone by the others, nothing is said twice, nothing is left out
-- (SEMANTICS section 7; ARCHITECTURE, rule 6). The other daemons are connections of dblink.
CREATE EXTENSION dblink;
\ir policy.sql
SELECT plan(17);
SELECT clock_to('2026-11-02 10:00Z');
SELECT load_policy();
DO $$
BEGIN
  FOR i IN 1 .. 12 LOOP
    PERFORM capa.raise_nc(jsonb_build_object('title', 'NC ' || i, 'grade', 'critical', 'owner', 'anna'), 'raise');
    PERFORM capa.append('tests');
  END LOOP;
END $$;
RESET ROLE;
CREATE FUNCTION other(name_ text) RETURNS text LANGUAGE sql AS $$
  SELECT dblink_connect(name_, format('host=%s dbname=%s user=postgres', current_setting('unix_socket_directories'), current_database()))
$$;
SELECT is(other('a') || other('b') || other('c'), 'OKOKOK', 'three daemons');
SELECT clock_by('3 hours');

-- one holds its transaction open
SELECT dblink_exec('a', 'BEGIN');
SELECT is((SELECT t ->> 'more' FROM dblink('a', 'SELECT api.tick()') AS x(t jsonb)), 'false', 'the first does all that is due');
SELECT dblink_exec('b', 'SET statement_timeout = ''5s''');
SELECT is((SELECT t ->> 'more' FROM dblink('b', 'SELECT api.tick()') AS x(t jsonb)), 'false', 'the second does not wait for it');
SELECT is((SELECT t ->> 'next_ms' FROM dblink('b', 'SELECT api.tick()') AS x(t jsonb)), '50', 'and looks again soon, in no busy loop');
SELECT is((SELECT count(*) FROM capa.escalation), 0::bigint, 'nothing is there before the commit');
SELECT dblink_exec('a', 'COMMIT');
SELECT is((SELECT count(*) FROM capa.escalation WHERE state = 'fired' AND level = 'L0'), 12::bigint, 'then all is');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation), 12::bigint, 'once');

-- one dies in the middle: its work is undone and done by another
SELECT clock_by('2 hours');
SELECT dblink_exec('a', 'BEGIN');
SELECT t IS NOT NULL FROM dblink('a', 'SELECT api.tick()') AS x(t jsonb);
SELECT dblink_disconnect('a');
SELECT pg_sleep(0.2);
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE state = 'fired' AND level = 'L1'), 12::bigint, 'what one left undone another does');

-- all at once, while the clock runs away
SELECT is(other('a'), 'OK', 'a third daemon again');
SELECT count(dblink_send_query(n, $q$DO $do$ BEGIN FOR i IN 1 .. 60 LOOP PERFORM api.tick(); COMMIT; PERFORM pg_sleep(0.01); END LOOP; END $do$ $q$))
  FROM unnest(ARRAY['a', 'b', 'c']) n;
DO $$
BEGIN
  FOR i IN 1 .. 40 LOOP
    PERFORM clock_by('6 hours');
    COMMIT;
    PERFORM pg_sleep(0.01);
  END LOOP;
END $$;
SELECT count(*) FROM unnest(ARRAY['a', 'b', 'c']) n, LATERAL dblink_get_result(n) AS x(t text);
SELECT api.tick();
SELECT is((SELECT count(*) FROM (SELECT FROM capa.escalation GROUP BY deadline, due, step, n HAVING count(*) > 1) x), 0::bigint, 'no key twice');
SELECT is((SELECT count(DISTINCT (step, n)) FROM capa.escalation), (SELECT count(*) / 12 FROM capa.escalation), 'each NC has each key');
SELECT is((SELECT count(*) FROM capa.deadline d CROSS JOIN LATERAL capa.steps_pending(d, capa.policy_of(d.nc), capa.now()) p
  WHERE d.kind = 'triage' AND p.planned_at <= capa.now()), 0::bigint, 'none is left out');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic LIKE 'escalation.%'), (SELECT count(*) FROM capa.escalation WHERE state = 'fired'),
  'as many messages as fired steps');
SELECT is((SELECT count(*) FROM capa.journal), (SELECT max(seq) FROM capa.journal), 'the journal has no gap');

-- what fails beside the deadlines doesn't keep them from speaking
SET ROLE capa_owner;
CREATE OR REPLACE FUNCTION capa.tick_events() RETURNS void LANGUAGE sql AS 'SELECT 1 / 0';
SELECT clock_by('2 days');
SELECT count(*) AS before FROM capa.escalation \gset
SELECT api.tick();
SELECT api.tick();
SELECT cmp_ok((SELECT count(*) FROM capa.escalation), '>', :before::bigint, 'escalations go out all the same');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'sys.degraded'), 1::bigint, 'it is reported once');
SELECT is((SELECT b.body::jsonb #>> '{data,error}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'sys.degraded'),
  'division by zero', 'with its reason');
RESET ROLE;
SELECT dblink_disconnect(n) FROM unnest(ARRAY['a', 'b', 'c']) n;
SELECT * FROM finish();
