-- Expected events (SEMANTICS section 4): by interval, by calendar with both jumps of the clock, after another event, and grades that
-- grow without a pass; subjects never seen or seen once; blindness moves what is due; each miss is one event, whoever sends it.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-03-02 09:00Z');
CREATE FUNCTION missing(id text, expect jsonb, hash text DEFAULT 'h') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', hash, 'title', id, 'effect', 'missing', 'controls', '["A.8.13"]'::jsonb, 'policy', 'default', 'growth', '[]'::jsonb, 'expect',
    expect || CASE WHEN expect ? 'names' THEN jsonb_build_object('subjects', (SELECT jsonb_agg(jsonb_build_object('name', n, 'fp', test.fp(id || n))) FROM jsonb_array_elements_text(expect -> 'names') n)) ELSE '{}' END)
$$;
CREATE FUNCTION load(letter text, VARIADIC rules jsonb[]) RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', to_jsonb(rules)), letter) ->> 'changed'
$$;
-- What a tick says is missing: "rule subject due".
CREATE FUNCTION tick() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  t jsonb := api.tick();
BEGIN
  WHILE (t ->> 'more')::boolean LOOP t := api.tick(); END LOOP;
  RETURN (SELECT string_agg(concat_ws(' ', e ->> 'rule', e ->> 'subject', left(e ->> 'due', 16)), ', ' ORDER BY e ->> 'rule', e ->> 'subject') FROM jsonb_array_elements(t -> 'expectations') e);
END $$;
-- The daemon's part: sends the event that a tick returned through the ordinary door, as core judges it.
CREATE FUNCTION missed(letter text DEFAULT 'a') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  e jsonb;
  m jsonb;
  b record;
  key_ bytea;
  said text[] := '{}';
BEGIN
  FOR e IN SELECT jsonb_array_elements(api.tick() -> 'expectations') LOOP
    m := (e ->> 'event')::jsonb;
    SELECT * INTO b FROM test.batch(jsonb_build_array(jsonb_build_object('id', m ->> 'id', 'src', 'capad', 'type', m ->> 'type', 'body', e ->> 'event', 'time', m ->> 'time',
      'rule', (SELECT no FROM capa.rule WHERE ruleset = repeat(letter, 64) AND id = e ->> 'rule'), 'grade', coalesce(m #>> '{data,to}', 'minor'))
      || CASE WHEN m #> '{data,to}' IS NULL THEN '{}'::jsonb ELSE '{"grows":true}' END), NULL, letter);
    b.meta := jsonb_set(b.meta, '{cases,0,fp}', m #> '{data,fingerprint}');
    key_ := substring(sha256(int4send(5) || 'capad'::bytea || int4send(octet_length(m ->> 'id')) || convert_to(m ->> 'id', 'UTF8')) FOR 16);
    b.bodies := key_ || substring(b.bodies FROM 17);
    said := said || concat_ws(' ', e ->> 'subject', api.ingest(b.meta, b.bodies)::jsonb #>> '{results,0,results,0,effect}');
    said[cardinality(said)] := concat_ws(' ', said[cardinality(said)], api.ingest(b.meta, b.bodies)::jsonb #>> '{results,0,status}');
  END LOOP;
  RETURN array_to_string(said, ', ');
END $$;
CREATE FUNCTION pass(id text, fp text, subject text, rule int DEFAULT 0, letter text DEFAULT 'a', effect text DEFAULT 'pass', at timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT test.send(jsonb_build_array(jsonb_build_object('id', id, 'fp', fp, 'subject', subject, 'rule', rule, 'effect', effect) || CASE WHEN at IS NULL THEN '{}' ELSE jsonb_build_object('time', at) END), NULL, letter) #>> '{0,results,0,effect}'
$$;
CREATE FUNCTION due(subject_ text) RETURNS text LANGUAGE sql AS $$ SELECT to_char(due, 'MM-DD HH24:MI') FROM capa.expectation WHERE subject = subject_ $$;

-- by interval, with listed subjects
SELECT is(load('a', missing('backup', '{"kind":"every","every":{"s":86400},"grace":{"s":7200},"by":"/subject","names":["db01","db02"]}')), 'true', 'a rule with subjects');
SELECT is((SELECT string_agg(subject || ' ' || to_char(due, 'MM-DD HH24:MI'), ', ' ORDER BY subject) FROM capa.expectation), 'db01 03-03 11:00, db02 03-03 11:00', 'both are expected from now on');
SELECT is(tick(), NULL, 'nothing is missing yet');
SELECT clock_to('2026-03-02 20:00Z');
SELECT is(pass('p1', 'backupdb01', 'db01'), 'none', 'one of them comes');
SELECT is(due('db01'), '03-03 11:00', 'which moves no row');
SELECT ok((SELECT bool_and(c.quiet) FROM capa.ingest_cases((SELECT meta FROM test.batch('[{"id":"x","fp":"backupdb01","effect":"pass","subject":"db01"}]', NULL, 'a')), capa.now()) c), 'and is quiet');
SELECT clock_to('2026-03-03 11:01Z');
SELECT is(tick(), 'backup db02 2026-03-03T11:00', 'the other, never seen, is missing');
SELECT is(due('db01'), '03-03 22:00', 'the one that came is due 26 hours after it came');
SELECT is(tick(), 'backup db02 2026-03-03T11:00', 'it is said until it is stored');
SELECT is(missed(), 'db02 raised duplicate', 'stored once, it raises; sent again it is a duplicate');
SELECT is(tick(), NULL, 'then it is said no more');
SELECT is(due('db02'), '03-04 11:00', 'and the next one is due a day later');
SELECT is((SELECT row(rule, state, source)::text FROM capa.nc), '(backup,raised,capad)', 'the NC has its rule');
SELECT is(pass('p2', 'backupdb02', 'db02'), 'evidence', 'the awaited event is a pass of it');
SELECT clock_to('2026-03-03 22:01Z');
SELECT is(tick(), 'backup db01 2026-03-03T22:00', 'the other one is missing now');
SELECT is(missed(), 'db01 raised duplicate', 'another NC');
SELECT is(tick(), NULL, 'and no more');
SELECT clock_to('2026-03-08 12:00Z');
SELECT is(missed(), 'db02 occurrence duplicate, db01 occurrence duplicate', 'after five days without any: one for all of them');
SELECT is(tick(), NULL, 'not one for each day');
SELECT is((SELECT string_agg(due::date::text, ' ' ORDER BY subject) FROM capa.expectation), '2026-03-08 2026-03-08', 'the next ones are still to come');

-- blindness
SELECT pass('p3', 'backupdb01', 'db01'), pass('p4', 'backupdb02', 'db02');
SELECT tick();
UPDATE capa.presence SET beat = beat - interval '5 minutes' WHERE id = (SELECT max(id) FROM capa.presence);
SELECT clock_to('2026-03-10 12:00Z');
SELECT is(tick(), NULL, 'capad was away over the due date: nobody is blamed');
SELECT is((SELECT array_agg(DISTINCT to_char(due, 'MM-DD HH24:MI')) FROM capa.expectation), '{"03-11 14:00"}', 'they are due that much later');
SELECT is((SELECT (b.body::jsonb -> 'data') - '{changes,sentence}'::text[] FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'sys.degraded' ORDER BY seq DESC LIMIT 1),
  '{"reason":"coverage_unknown","expectations":2}', 'and it is reported');
SELECT is((api.status('{"roles":["auditor"]}', 'x', '{}', NULL)::jsonb #>> '{coverage,expected}'), '2', 'status says how many are expected');
SELECT is(left(api.status('{"roles":["auditor"]}', 'x', '{}', NULL)::jsonb #>> '{coverage,unknown,0,to}', 16), '2026-03-10T12:00', 'and since when it can hear again');
SELECT clock_to('2026-03-11 14:01Z');
SELECT is(tick(), 'backup db01 2026-03-11T14:00, backup db02 2026-03-11T14:00', 'then they are missing');

-- lists that shrink, rules that change or go
SELECT is(load('b', missing('backup', '{"kind":"every","every":{"s":86400},"grace":{"s":7200},"by":"/subject","names":["db02","db03"]}', 'h2')), 'true', 'the list changes');
SELECT is((SELECT string_agg(subject || ' ' || to_char(due, 'MM-DD HH24:MI'), ', ' ORDER BY subject) FROM capa.expectation), 'db02 03-12 16:01, db03 03-12 16:01', 'who is off it is expected no more; all begin anew');
SELECT is(load('c', missing('other', '{"kind":"every","every":{"s":60},"grace":{"s":0},"by":"/subject"}')), 'true', 'the rule goes');
SELECT is((SELECT count(*) FROM capa.expectation)::int, 0, 'and what it expected');

-- from when first seen
SELECT is(pass('s1', 'otherx', 'x', 0, 'c'), 'none', 'a first event');
SELECT is(due('x'), '03-11 14:02', 'is the beginning');
SELECT is((SELECT count(*) FROM capa.passed WHERE fingerprint = decode(test.fp('otherx'), 'hex'))::int, 1, 'and a pass');
SELECT clock_by('65 seconds');
SELECT is(missed('c'), 'x raised duplicate', 'then it is missing');

-- after another event
SELECT is(load('d', missing('review', '{"kind":"after","every":{"s":86400},"grace":{"s":0},"by":"/subject"}')), 'true', 'A not followed by B');
SELECT clock_to('2026-03-20 09:00Z');
SELECT tick();
SELECT is(pass('r1', 'reviewi1', 'i1', 0, 'd', 'begin'), 'counted', 'A comes');
SELECT is(pass('r2', 'reviewi2', 'i2', 0, 'd', 'begin'), 'counted', 'another A');
SELECT clock_by('2 hours');
SELECT is(pass('r1b', 'reviewi1', 'i1', 0, 'd'), 'none', 'B of the first');
SELECT clock_by('1 hour');
SELECT is(pass('r1c', 'reviewi1', 'i1', 0, 'd', 'begin'), 'counted', 'and A again');
SELECT clock_to('2026-03-21 09:01Z');
SELECT is(tick(), 'review i2 2026-03-21T09:00', 'what was not followed is missing');
SELECT is(missed('d'), 'i2 raised duplicate', 'and raises');
SELECT is(due('i1'), '03-21 12:00', 'the second A of the first is waited for');
SELECT is(pass('r2b', 'reviewi2', 'i2', 0, 'd'), 'evidence', 'B, too late, is a pass');
SELECT tick();
SELECT is((SELECT string_agg(subject, ' ') FROM capa.expectation), 'i1', 'what was missed is expected no more');
SELECT clock_to('2026-03-21 13:00Z');
SELECT is(missed('d'), 'i1 raised duplicate', 'and the second A was not followed');

-- grades that grow without a pass
SELECT is(load('e', '{"id":"grow","hash":"g","title":"grow","effect":"fail","controls":["A.8.13"],"policy":"default","growth":[{"no_pass_for":{"s":172800},"to":"major"}]}'), 'true', 'major after 48 h without a pass');
SELECT is(test.send('[{"id":"g1","fp":"g"}]', NULL, 'e') #>> '{0,results,0,effect}', 'raised', 'it fails');
SELECT is(tick(), NULL, 'nothing is due');
SELECT is(due(r), '03-23 13:00', '48 hours after the fail') FROM (SELECT 'NC-' || max(id) AS r FROM capa.nc) x;
SELECT clock_by('40 hours');
SELECT is(test.send('[{"id":"g2","fp":"g","effect":"pass"}]', NULL, 'e') #>> '{0,results,0,effect}', 'evidence', 'it passes');
SELECT clock_by('2 hours');
SELECT is(test.send('[{"id":"g3","fp":"g"}]', NULL, 'e') #>> '{0,results,0,effect}', 'occurrence', 'and fails again');
SELECT clock_by('20 hours');
SELECT is(tick(), NULL, 'so the time begins again');
SELECT clock_by('28 hours 1 minute');
SELECT matches(tick(), '^grow NC-\d+ 2026-03-25T07:00$', '48 hours after that fail');
SELECT matches(missed('e'), '^NC-\d+ occurrence duplicate$', 'an event of it');
SELECT is((SELECT grade FROM capa.nc ORDER BY id DESC LIMIT 1), 'major', 'the grade has grown');
SELECT is(tick(), NULL, 'once');
SELECT is((SELECT count(*) FROM capa.expectation)::int, 0, 'and nothing more is waited for');
SELECT is((SELECT b.body::jsonb #>> '{data,sentence}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'nc.changed' AND b.body::jsonb #>> '{data,what}' = 'grade' ORDER BY seq DESC LIMIT 1),
  'nothing passed in the time that its rule gives: major', 'which is said in words');

-- the calendar
CREATE FUNCTION next_(cron jsonb, zone text, after_ timestamptz) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(capa.cron_next(cron, zone, after_) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
$$;
SELECT is(next_('{"minute":[0],"hour":[3],"month":[1,2,3,4,5,6,7,8,9,10,11,12],"weekday":[1,2,3,4,5]}', 'Europe/Berlin', '2026-03-06 12:00Z'), '2026-03-09 02:00', 'Friday''s next working night is Monday');
SELECT is(next_('{"minute":[30],"hour":[2],"month":[3]}', 'Europe/Berlin', '2026-03-28 12:00Z'), '2026-03-29 01:30', 'a local time that is skipped is that much later');
SELECT is(next_('{"minute":[30],"hour":[2],"month":[3]}', 'Europe/Berlin', '2026-03-29 01:30Z'), '2026-03-30 00:30', 'and comes once');
SELECT is(next_('{"minute":[30],"hour":[2],"month":[10]}', 'Europe/Berlin', '2026-10-24 12:00Z'), '2026-10-25 01:30', 'one that comes twice is the second');
SELECT is(next_('{"minute":[30],"hour":[2],"month":[10]}', 'Europe/Berlin', '2026-10-25 01:30Z'), '2026-10-26 01:30', 'and comes once');
SELECT is(next_('{"minute":[0],"hour":[0],"day":[29],"month":[2]}', NULL, '2026-03-01 00:00Z'), '2028-02-29 00:00', 'a leap day');
SELECT is(next_('{"minute":[0],"hour":[0],"day":[31],"month":[2]}', NULL, '2026-03-01 00:00Z'), NULL, 'a day that never comes');
SELECT is(next_('{"minute":[0,15],"hour":[9],"day":[1],"month":[1,2,3,4,5,6,7,8,9,10,11,12],"weekday":[1]}', 'UTC', '2026-06-01 09:00Z'), '2026-06-01 09:15', 'both days given: either will do');
SELECT is(load('f', missing('night', '{"kind":"cron","cron":{"minute":[0],"hour":[3],"month":[1,2,3,4,5,6,7,8,9,10,11,12],"weekday":[1,2,3,4,5]},"zone":"Europe/Berlin","grace":{"s":7200},"by":"/subject","names":["n"]}')), 'true', 'by calendar');
SELECT is((SELECT row(to_char(from_at, 'MM-DD HH24:MI'), to_char(due, 'MM-DD HH24:MI'))::text FROM capa.expectation), '("03-26 02:00","03-26 04:00")', 'from three in the morning until five');
SELECT clock_to('2026-03-26 02:20Z');
SELECT is(pass('n1', 'nightn', 'n', 0, 'f'), 'none', 'in time');
SELECT clock_to('2026-03-26 04:00Z');
SELECT is(tick(), NULL, 'so nothing is missing');
SELECT is(due('n'), '03-27 04:00', 'until the next night');
SELECT clock_to('2026-03-27 04:00Z');
SELECT is(missed('f'), 'n raised duplicate', 'which it misses');
SELECT is(due('n'), '03-27 04:00', 'it is looked at again with the next tick');
SELECT is(tick(), NULL, 'which finds it stored');
SELECT is(due('n'), '03-30 03:00', 'and waits for Monday, in summer time');
SELECT throws_like($$SELECT load('0', missing('z', '{"kind":"cron","cron":{"minute":[0],"hour":[3],"month":[1]},"zone":"Europe/Nowhere","grace":{"s":1},"by":"/subject","names":["n"]}'))$$,
  '%expects something in the time zone "Europe/Nowhere", which does not exist.', 'an unknown zone is refused');
SELECT finish();
