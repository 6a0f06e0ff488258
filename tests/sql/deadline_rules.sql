-- More of the table of SEMANTICS section 7: short way, new cycle by verdict, actions cancelled and replaced, acceptance,
-- seconds by the real clock, people, what other daemons are told, a deadline that cannot be worked.
CREATE EXTENSION dblink;
\ir policy.sql
SELECT plan(45);
SELECT clock_to('2026-11-02 10:00Z');
SELECT load_policy();
CREATE FUNCTION call(actor text, method text, params jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE format('SELECT api.%I($1, $2, $3, NULL)', replace(method, '.', '_')) INTO result
    USING jsonb_build_object('name', actor, 'roles', '["owner","isms_manager","approver","verifier"]'::jsonb), actor, params;
  RETURN result;
END $$;
CREATE FUNCTION said(nc_ int, kind_ text, cycle_ int DEFAULT 1) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce((SELECT CASE WHEN met_at IS NOT NULL THEN 'met' WHEN void_at IS NOT NULL THEN 'void'
      ELSE 'open ' || to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') END || CASE WHEN late THEN ' late' ELSE '' END
    FROM capa.deadline d WHERE d.nc = nc_ AND d.kind = kind_ AND d.cycle = cycle_ ORDER BY id DESC LIMIT 1), '-')
$$;
CREATE FUNCTION state(nc_ int) RETURNS text LANGUAGE sql AS 'SELECT state FROM capa.nc WHERE id = nc_';
CREATE FUNCTION contained(nc_ text, grade text, who text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM call('anna', 'raise', jsonb_build_object('title', 'x', 'grade', grade, 'owner', who, 'controls', '["A.8.13"]'::jsonb, 'statement', 's', 'requirement', 'r'));
  PERFORM call(who, 'contain', jsonb_build_object('nc', nc_, 'not_applicable', 'nothing to correct', 'consequences', 'none'));
  PERFORM call(who, 'cause', jsonb_build_object('nc', nc_, 'text', 'c', 'category', 'process', 'method', 'timeline'));
  PERFORM call(who, 'similar', jsonb_build_object('nc', nc_, 'elsewhere', 'no', 'conclude', 'known'));
  RETURN (SELECT state FROM capa.nc ORDER BY id DESC LIMIT 1);
END $$;

-- short way: plan and act are void, a confirmation is due; refused, they are open again
SELECT is(contained('NC-1', 'minor', 'bea'), 'contained', 'contained');
SELECT is(call('bea', 'need', '{"nc":"1","need":"no","reason":"once","isms":"none","risk":"none"}') ->> 'state', 'closed', 'closed by the short way');
SELECT is(said(1, 'contain') || ', ' || said(1, 'plan') || ', ' || said(1, 'act'), 'met, void, void', 'plan and act are void');
SELECT is(said(1, 'confirmation'), 'open 2026-12-02 17:00', 'to be confirmed within 30d');
SELECT clock_to('2026-12-02 17:00:30Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 1 AND level = 'L1'), 0::bigint, 'what slips with the end of working hours');
SELECT clock_to('2026-12-03 09:00:30Z');
SELECT api.tick();
SELECT is((SELECT string_agg(r ->> 'role', ' ') FROM capa.escalation e, jsonb_array_elements(e.recipients) r WHERE e.nc = 1 AND level = 'L1'), 'owner manager approvers',
  'is said the next morning; unconfirmed: the ladder, with the approvers');
SELECT call('dora', 'refuse', '{"ref":"NC-1","reason":"it happened before"}');
SELECT is(said(1, 'confirmation'), 'met late', 'a decision, if late, meets it');
SELECT is(said(1, 'plan') || ', ' || said(1, 'act'), 'open 2027-01-01 17:00, open 2027-02-01 17:00', 'the voided ones are open again, with their dates');
SELECT is((SELECT string_agg(kind, ' ') FROM capa.deadline WHERE nc = 1 AND next_at IS NOT NULL), 'plan', 'and plan runs its ladder');

-- actions: cancelled, replaced
SELECT call('bea', 'need', '{"nc":"1","need":"yes","reason":"again","isms":"none","risk":"none"}');
SELECT call('bea', 'criterion', '{"nc":"1","method":"manual","text":"t","window":"90d","spans":{"window":{"d":90}}}');
SELECT call('bea', 'action.add', '{"nc":"1","title":"A","owner":"carl","due":"2026-12-18","expect":"e"}');
SELECT call('bea', 'action.add', '{"nc":"1","title":"B","owner":"carl","due":"2026-12-18","expect":"e","replaces":"CA-1"}');
SELECT results_eq($$SELECT action, void_at IS NULL, due_original FROM capa.deadline WHERE action IN (1, 2) ORDER BY action$$,
  $$VALUES (1, false, '2026-12-18 17:00Z'::timestamptz), (2, true, '2026-12-18 17:00Z')$$, 'replaced: void; what replaces it keeps the original date');
SELECT call('carl', 'action.done', '{"action":"CA-2","evidence":[{"url":"https://x.example/1"}]}');
SELECT is(state(1) || ', ' || said(1, 'verify'), 'verifying, open 2027-04-02 17:00', 'verifying; 30d from the window''s end');
-- a verdict that begins a new cycle meets the deadline of the verdict
SELECT call('dora', 'verify', '{"nc":"1","verdict":"not_effective","text":"it failed again"}');
SELECT is((SELECT cycle FROM capa.nc WHERE id = 1), 2, 'a new cycle');
SELECT is(said(1, 'verify') || ', ' || said(1, 'window'), 'met, void', 'the verdict met its deadline');
SELECT is(said(1, 'contain', 2) || ', ' || said(1, 'plan', 2), '-, open 2027-02-01 17:00', 'begun by a verdict: plan and act anew, from then (31 January is a Sunday)');

SELECT call('bea', 'extend', '{"ref":"NC-1","to":"2027-03-01","reason":"r"}');
SELECT throws_ok($$SELECT call('bea', 'extend', '{"ref":"NC-1","deadline":"act","to":"2027-09-01","reason":"r"}')$$, 'CA001',
  'Another extension of NC-1 (plan) waits for a decision already.', 'one extension of an NC at a time');
SELECT call('bea', 'extend', '{"ref":"NC-1","to":"2027-03-08","reason":"r"}');
SELECT is((SELECT string_agg(what ->> 'to', ' ') FROM capa.request WHERE state = 'open' AND kind = 'extension'), '2027-03-08T17:00:00.000000Z',
  'asked for again, it replaces the first');

-- accepted: dates stay, phase ladders rest
SELECT is(contained('NC-2', 'minor', 'bea'), 'contained', 'another one');
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"state":"accepted"}' FROM capa.nc n WHERE id = 2)), capa.tell('nc.changed', 't', 'NC-2', 2, '{}'),
  capa.deadlines_follow(2), capa.append('t');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 2 AND next_at IS NOT NULL), 0::bigint, 'accepted: its phase ladders rest');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 2 AND met_at IS NULL AND void_at IS NULL), 2::bigint, 'its dates stay');
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"state":"contained"}' FROM capa.nc n WHERE id = 2)), capa.tell('nc.changed', 't', 'NC-2', 2, '{}'),
  capa.deadlines_follow(2), capa.append('t');
SELECT is((SELECT string_agg(kind, ' ') FROM capa.deadline WHERE nc = 2 AND next_at IS NOT NULL), 'plan', 'it comes back: plan runs again');

-- late triage eats its own time: what was planned meanwhile is said by one message
SELECT clock_to('2027-03-01 10:00Z');
SELECT is(call('anna', 'raise', '{"title":"z","grade":"minor","owner":"bea"}') ->> 'ref', 'NC-3', 'raised');
SELECT clock_to('2027-03-17 11:00Z');
SELECT api.tick();
SELECT is((SELECT string_agg(DISTINCT d.kind, ' ') FROM capa.escalation e JOIN capa.deadline d ON d.id = e.deadline WHERE e.nc = 3), 'triage', 'only triage spoke so far');
SELECT call('anna', 'triage', '{"nc":"3","controls":["A.8.13"],"statement":"s","requirement":"r"}');
SELECT api.tick();
SELECT is((SELECT string_agg(e.level || ' ' || e.state, ', ' ORDER BY e.step) FROM capa.escalation e JOIN capa.deadline d ON d.id = e.deadline
  WHERE e.nc = 3 AND d.kind = 'contain'), 'L0 covered, L1 fired', 'triaged when containment is overdue: one message');

-- working hours: a step planned on Sunday goes out on Monday, its planned_at stays
SELECT clock_to('2027-05-03 10:00Z');
SELECT is(call('anna', 'raise', '{"title":"w","grade":"minor","owner":"bea"}') ->> 'ref', 'NC-4', 'due Monday next, 80 % of it on Sunday');
SELECT is((SELECT to_char(next_at, 'Dy HH24:MI') FROM capa.deadline WHERE nc = 4 AND kind = 'triage'), 'Mon 09:00', 'it waits for Monday morning');
SELECT is((SELECT to_char((steps -> 0 ->> 'planned_at')::timestamptz, 'Dy HH24:MI') FROM capa.deadline WHERE nc = 4 AND kind = 'triage'), 'Sun 06:00', 'planned on Sunday');
SELECT clock_to('2027-05-09 12:00Z');
SELECT is(((api.tick() ->> 'next_ms')::bigint / 3600000)::int, 20, 'on Sunday noon 21 hours are left (a little less)');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 4), 0::bigint, 'nothing on Sunday');
SELECT clock_to('2027-05-10 09:00:01Z');
SELECT api.tick();
SELECT is((SELECT to_char(planned_at, 'Dy') || ' ' || to_char(published_at, 'Dy') FROM capa.escalation WHERE nc = 4), 'Sun Mon', 'on Monday morning it does');
-- missed at its time, found at night: the next morning
SELECT clock_to('2027-05-10 23:00Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 4), 1::bigint, 'after a stop nobody is woken at night');
SELECT is((SELECT to_char(next_at, 'Dy HH24:MI') FROM capa.deadline WHERE nc = 4 AND kind = 'triage'), 'Tue 09:00', 'but told next morning');

-- people: a manager is the owner's own
SELECT api.load('people', repeat('9', 64), '{"people":{"bea":{"manager":"maria"},"carl":{"manager":"tom"}},"roles":{"isms_manager":["ida","ivo"],"risk_owner":"rita"}}', 't');
SELECT is((SELECT capa.recipients(d, ARRAY['owner', 'manager', 'isms_manager', 'risk_owner', 'top_management']) FROM capa.deadline d WHERE nc = 4 AND kind = 'triage'),
  '[{"name":"bea","role":"owner"},{"name":"maria","role":"manager"},{"name":"ida","role":"isms_manager"},{"name":"ivo","role":"isms_manager"},
    {"name":"rita","role":"risk_owner"},{"name":null,"role":"top_management"}]'::jsonb, 'roles by name, those nobody has with null');
SELECT is((SELECT capa.recipients(d, ARRAY['owner', 'manager']) FROM capa.deadline d WHERE action = 2),
  '[{"name":"carl","role":"owner"},{"name":"tom","role":"manager"}]'::jsonb, 'of an action its owner and that owner''s manager');

-- other daemons learn of an earlier step, not of a later one
RESET ROLE;
SELECT is(dblink_connect('b', format('host=%s dbname=%s user=postgres', current_setting('unix_socket_directories'), current_database())), 'OK', 'another daemon');
SELECT dblink_exec('b', 'LISTEN capa_due');
-- What b has heard of steps to come: all that came before a mark of our own, which comes last.
CREATE FUNCTION hints() RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE n record;
BEGIN
  PERFORM dblink_exec('b', 'NOTIFY capa_due, ''mark''');
  FOR i IN 1 .. 500 LOOP
    FOR n IN SELECT * FROM dblink_get_notify('b') LOOP
      IF n.extra = 'mark' THEN RETURN; END IF;
      RETURN NEXT n.extra::bigint;
    END LOOP;
    PERFORM pg_sleep(0.01);
  END LOOP;
END $$;
SELECT is(call('anna', 'raise', '{"title":"u","grade":"critical","owner":"bea"}') ->> 'ref', 'NC-5', 'a step in two hours');
SELECT is((SELECT bool_and(ms BETWEEN 7190000 AND 7200000) FROM hints() AS ms), true, 'they are told when');
SELECT is(call('anna', 'raise', '{"title":"v","grade":"minor","owner":"bea"}') ->> 'ref', 'NC-6', 'a later step');
SELECT is((SELECT count(*) FROM hints()), 0::bigint, 'is no news');
SELECT dblink_disconnect('b');

-- a deadline that cannot be worked stops no other
SET ROLE capa_owner;
SELECT capa.put('deadline', (SELECT to_jsonb(d) || '{"steps":[{"step":0,"planned_at":"never"}]}' FROM capa.deadline d WHERE nc = 5 AND kind = 'triage')),
  capa.tell('deadline.changed', 't', 'NC-5', 5, '{}'), capa.append('t');
SELECT clock_to('2027-05-18 10:00Z');
SELECT api.tick();
SELECT is((SELECT b.body::jsonb #>> '{data,error}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic = 'sys.degraded'),
  'invalid input syntax for type timestamp with time zone: "never"', 'it is reported with its reason');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 6 AND state = 'fired'), 1::bigint, 'the others speak');
SELECT is((SELECT next_at BETWEEN '2027-05-18 10:01Z' AND '2027-05-18 10:01:20Z' FROM capa.deadline WHERE nc = 5 AND kind = 'triage'), true, 'it is tried again in a minute');
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"state":"rejected"}' FROM capa.nc n WHERE id = 5)), capa.tell('nc.changed', 't', 'NC-5', 5, '{}'),
  capa.deadlines_follow(5), capa.append('t');

-- seconds, by the real clock: L0 at half time, L1 at the due date, L2 a second later
SELECT clock_to(clock_timestamp());
UPDATE capa.clock SET shift = '0';
SELECT load_policy(jsonb_build_object('policies', jsonb_set(default_policy() -> 'policies', '{default,minor,triage}', span('2s')),
  'ladders', default_policy() -> 'ladders' || jsonb_build_object('calm', ladder('50% L0 owner - - office', 'due L1 owner 1h - office', 'due+1s L2 owner 1h - office'))));
SELECT is(call('anna', 'raise', '{"title":"q","grade":"minor","owner":"bea"}') ->> 'ref', 'NC-7', 'two seconds for triage');
CREATE PROCEDURE ticking(seconds float8) LANGUAGE plpgsql AS $$
DECLARE
  until timestamptz := clock_timestamp() + make_interval(secs => seconds);
  answer jsonb;
BEGIN
  WHILE clock_timestamp() < until LOOP
    answer := api.tick();
    COMMIT;
    PERFORM pg_sleep(least(extract(epoch FROM until - clock_timestamp()), (answer ->> 'next_ms')::float8 / 1000, 0.5));
  END LOOP;
END $$;
CALL ticking(3.4);
SELECT is((SELECT string_agg(level || ' ' || state, ', ' ORDER BY step) FROM capa.escalation WHERE nc = 7), 'L0 fired, L1 fired, L2 fired',
  'each step by itself, on any day and at any hour');
SELECT cmp_ok((SELECT max(published_at - planned_at) FROM capa.escalation WHERE nc = 7), '<', '300 milliseconds'::interval, 'within 300 ms of its time');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 7 AND published_at < planned_at), 0::bigint, 'none early');
SELECT * FROM finish();
