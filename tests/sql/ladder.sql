-- The ladder of an untouched NC over a year of the moved clock, and what happens after a stop (SEMANTICS section 7).
\ir policy.sql
SELECT plan(38);
SELECT clock_to('2026-11-02 10:00Z');
SELECT load_policy();

CREATE TABLE calls (at timestamptz, answer jsonb);
CREATE FUNCTION tick() RETURNS jsonb LANGUAGE sql AS 'INSERT INTO calls SELECT capa.now(), api.tick() RETURNING answer';
-- The deadlines' part of a tick alone: the events' would make partitions and so on for each hour that is skipped.
CREATE FUNCTION tick_deadlines() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb := capa.tick_deadlines(100);
BEGIN
  PERFORM capa.append('system');
  RETURN result;
END $$;
CREATE FUNCTION walk(days int, step interval) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := capa.now();
BEGIN
  FOR i IN 1 .. (extract(epoch FROM days * interval '24 hours') / extract(epoch FROM step))::int LOOP
    PERFORM clock_to(start + i * step);
    PERFORM tick_deadlines();
  END LOOP;
END $$;
CREATE FUNCTION raised(more jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  id_ int := capa.raise_nc('{"title":"A backup failed","owner":"anna"}' || more, 'raise');
BEGIN
  PERFORM capa.append('tests');
  RETURN id_;
END $$;

-- Rejected: the one before shall say nothing more.
CREATE FUNCTION rejected(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.put('nc', (SELECT to_jsonb(n) || '{"state":"rejected"}' FROM capa.nc n WHERE id = nc_));
  PERFORM capa.tell('nc.changed', 'reject', 'NC-' || nc_, nc_, '{}');
  PERFORM capa.deadlines_follow(nc_);
  PERFORM capa.append('tests');
END $$;

-- critical: exact, no waiting; the ladder of PRODUCT by its own moments
SELECT is(raised('{"grade":"critical"}'), 1, 'a critical NC');
SELECT results_eq($$SELECT kind, (due - aware_at)::text, exact FROM capa.deadline d JOIN capa.nc n ON n.id = d.nc WHERE kind IN ('triage', 'contain') ORDER BY 1 DESC$$,
  $$VALUES ('triage', '04:00:00', true), ('contain', '1 day', true)$$, 'triage in 4h, contain in 24h, exactly');
SELECT results_eq($$SELECT kind, due FROM capa.deadline WHERE kind IN ('plan', 'act') ORDER BY due$$,
  $$VALUES ('plan', '2026-11-16 17:00Z'::timestamptz), ('act', '2026-12-02 17:00Z')$$, 'plan in 14d, act in 30d, at 17:00');
SELECT is((SELECT count(next_at) FROM capa.deadline), 1::bigint, 'one phase ladder at a time');
SELECT is((SELECT next_at - started_at FROM capa.deadline WHERE kind = 'triage'), '2 hours'::interval, 'its first step at half time');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '<=', 7200000::bigint, 'the tick says when: at most 2 h');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '>', 7190000::bigint, 'and not much less');
SELECT walk(7, '30 minutes');
SELECT results_eq($$SELECT step, n, level, date_trunc('minute', planned_at - (SELECT due FROM capa.deadline WHERE kind = 'triage'))::text, state
  FROM capa.escalation WHERE nc = 1 ORDER BY planned_at$$,
  $$VALUES (0, 0, 'L0', '-02:00:00', 'fired'), (1, 0, 'L1', '00:00:00', 'fired'), (2, 0, 'L2', '04:00:00', 'fired'),
           (3, 0, 'L3', '1 day', 'fired'), (4, 0, 'L4', '3 days', 'fired'), (4, 1, 'L4', '4 days', 'fired'),
           (4, 2, 'L4', '5 days', 'fired'), (4, 3, 'L4', '6 days', 'fired')$$,
  'critical: 50 %, due, +4h, +24h, +72h, then daily');
SELECT cmp_ok((SELECT max(published_at - planned_at) FROM capa.escalation), '<', '31 minutes'::interval, 'each by the next tick');

-- major: a year, every three hours; working hours
SELECT clock_to('2027-02-01 10:00Z');
SELECT rejected(1);
SELECT is(raised('{"grade":"major"}'), 2, 'a major NC');
SELECT is((SELECT due FROM capa.deadline WHERE nc = 2 AND kind = 'triage'), '2027-02-03 17:00Z'::timestamptz, '2bd from Monday: Wednesday 17:00');
SELECT walk(365, '3 hours');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2 AND NOT (planned_at <= published_at)), 0::bigint, 'nothing before its time');
SELECT is((SELECT count(*) FROM (SELECT deadline, due, step, n FROM capa.escalation GROUP BY 1, 2, 3, 4 HAVING count(*) > 1) x), 0::bigint,
  'each key once');
SELECT results_eq($$SELECT DISTINCT ON (step) step, level, planned_at::date, state FROM capa.escalation WHERE nc = 2 ORDER BY step, n$$,
  $$VALUES (0, 'L0', '2027-02-03'::date, 'fired'), (1, 'L1', '2027-02-03', 'covered'), (2, 'L2', '2027-02-04', 'fired'),
           (3, 'L3', '2027-02-17', 'fired'), (4, 'L4', '2027-03-05', 'fired')$$,
  'L0 to L4; the quarter of two days is over before people are back, so L2 covers L1');
SELECT is((SELECT array_agg(n ORDER BY n) FROM capa.escalation WHERE nc = 2 AND step = 4),
  ARRAY(SELECT generate_series(0, 47)), 'L4 and its weekly repeats until the end of the year, none left out');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2 AND step = 4 AND n > 0 AND extract(isodow FROM planned_at) <> 5), 0::bigint,
  'each on its weekday');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2 AND (extract(isodow FROM published_at) > 5
  OR published_at::time < '09:00' OR published_at::time >= '17:00')), 0::bigint, 'nobody was told outside working hours');
SELECT is((SELECT count(*) FROM capa.deadline WHERE due <> due_original), 0::bigint, 'no due date moved');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 2 AND kind <> 'triage' AND next_at IS NOT NULL), 0::bigint, 'no other phase spoke');

-- every key is named by exactly one message
SELECT results_eq($$WITH message AS (
    SELECT b.body::jsonb -> 'data' AS data FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic LIKE 'escalation.%'
  ), named AS (
    SELECT data ->> 'escalation' AS ref FROM message
    UNION ALL SELECT c ->> 'escalation' FROM message, jsonb_array_elements(data -> 'covered') c)
  SELECT ref::text, count(*) FROM named GROUP BY ref ORDER BY ref$$,
  $$SELECT 'ESC-' || id, 1::bigint FROM capa.escalation ORDER BY 1$$, 'each key is named by exactly one message');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic LIKE 'escalation.%'), (SELECT count(*) FROM capa.escalation WHERE state = 'fired'),
  'as many messages as fired steps');
SELECT results_eq($$SELECT DISTINCT topic FROM capa.journal WHERE topic LIKE 'escalation.%' ORDER BY 1$$,
  $$VALUES ('escalation.L0.critical'), ('escalation.L0.major'), ('escalation.L1.critical'), ('escalation.L2.critical'),
    ('escalation.L2.major'), ('escalation.L3.critical'), ('escalation.L3.major'), ('escalation.L4.critical'), ('escalation.L4.major')$$,
  'topics by level and grade');
SELECT is((SELECT ARRAY(SELECT jsonb_object_keys(b.body::jsonb -> 'data') ORDER BY 1) FROM capa.journal j JOIN capa.journal_body b USING (seq)
  WHERE j.topic = 'escalation.L2.major'), ARRAY['ack', 'changes', 'covered', 'deadline', 'escalation', 'level', 'n', 'nc', 'planned_at',
  'published_at', 'recipients', 'step', 'summary'], 'a message holds what the contract says');
SELECT is((SELECT b.body::jsonb #>> '{data,recipients}' FROM capa.journal j JOIN capa.journal_body b USING (seq)
  WHERE j.topic = 'escalation.L2.major'),
  '[{"name": "anna", "role": "owner"}, {"name": null, "role": "manager"}, {"name": null, "role": "isms_manager"}]',
  'recipients are the union of the steps it speaks for');

-- a stop across several steps: one message, the highest step, the rest covered
SELECT clock_to('2028-03-06 10:00Z');
SELECT rejected(2);
SELECT is(raised('{"grade":"critical"}'), 3, 'a third NC');
SELECT clock_by('10 days');
SELECT is(tick() ->> 'more', 'false', 'one tick after ten days');
SELECT results_eq($$SELECT level, step, n, state FROM capa.escalation WHERE nc = 3 ORDER BY step, n$$,
  $$VALUES ('L0', 0, 0, 'covered'), ('L1', 1, 0, 'covered'), ('L2', 2, 0, 'covered'), ('L3', 3, 0, 'covered'), ('L4', 4, 0, 'covered'),
    ('L4', 4, 1, 'covered'), ('L4', 4, 2, 'covered'), ('L4', 4, 3, 'covered'), ('L4', 4, 4, 'covered'), ('L4', 4, 5, 'covered'),
    ('L4', 4, 6, 'fired')$$, 'after a stop one message goes out, of the newest repeat of the highest step');
SELECT is((SELECT count(DISTINCT covered_by) FROM capa.escalation WHERE nc = 3 AND state = 'covered'), 1::bigint, 'it covers the rest');
SELECT is((SELECT jsonb_array_length(b.body::jsonb -> 'data' -> 'covered') FROM capa.journal j JOIN capa.journal_body b USING (seq)
  WHERE j.topic LIKE 'escalation.%' ORDER BY seq DESC LIMIT 1), 10, 'and names each');
SELECT tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 3), 11::bigint, 'another tick adds nothing');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '<=', 24 * 3600000::bigint, 'the next is within a day');

-- a very long stop of a short repeat is bounded
SELECT load_policy(jsonb_build_object('ladders', default_policy() -> 'ladders' || jsonb_build_object('fast', ladder('due L1 owner 4h 2s -'))));
SELECT rejected(3);
SELECT is(raised('{"grade":"critical"}'), 4, 'a fourth NC, told every two seconds');
SELECT clock_by('30 days');
SELECT tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 4), 1000::bigint, 'of a million missed repeats the newest thousand are recorded');
SELECT is((SELECT max(n) FROM capa.escalation WHERE nc = 4 AND state = 'fired'), (30 * 86400 - 4 * 3600) / 2, 'the fired one is the newest');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '<=', 2000::bigint, 'the next in two seconds');

-- recorded when long overdue: no step of before, but its repeats have a voice
SELECT load_policy();
SELECT rejected(4);
SELECT is(raised(jsonb_build_object('grade', 'critical', 'aware_at', capa.now() - interval '10 days')), 5, 'an NC known for ten days');
SELECT tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 5), 0::bigint, 'a step planned before the deadline was made does not exist');
SELECT clock_by('24 hours');
SELECT tick();
SELECT results_eq($$SELECT level, n, state FROM capa.escalation WHERE nc = 5$$, $$VALUES ('L4', 7, 'fired')$$, 'the next repeat goes out');
SELECT * FROM finish();
