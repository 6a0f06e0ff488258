-- Silences and maintenance windows: they hold back raising or escalations, never recording, and when they end the state is looked at again
-- (PRODUCT, "Storms").
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[
  {"id":"backup-failed","hash":"h0","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default","growth":[]},
  {"id":"disk-full","hash":"h1","title":"Disk full","effect":"fail","owner":"ops","controls":["A.8.6"],"triaged":true,"policy":"default","growth":[]}]}') ->> 'changed';
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION pass(fp text, id_ text) RETURNS text LANGUAGE sql AS $$
  SELECT test.one(id_, jsonb_build_object('fp', fp, 'effect', 'pass')) #>> '{results,0,effect}'
$$;
CREATE FUNCTION ticks() RETURNS int LANGUAGE plpgsql AS $$
DECLARE i int := 0;
BEGIN
  WHILE (api.tick() ->> 'more')::boolean LOOP i := i + 1; IF i > 50 THEN RAISE 'ticks never end'; END IF; END LOOP;
  RETURN i;
END $$;

-- asking for one
SELECT matches(refusal('silence.add', 'ina', '{"rule":"backup-failed","for":"2h"}'), '^CA003 silence.add needs "reason"', 'a reason');
SELECT matches(refusal('silence.add', 'ina', '{"for":"2h","reason":"r"}'), '^CA003 A silence says what is to be silent', 'what');
SELECT matches(refusal('silence.add', 'ina', '{"rule":"backup-failed","reason":"r"}'), '^CA003 A silence needs an end', 'an end');
SELECT matches(refusal('silence.add', 'ina', '{"rule":"nonsense","for":"2h","reason":"r"}'), '^CA002 There is no rule', 'a rule that is there');
SELECT matches(refusal('silence.add', 'ina', '{"asset":"db01","for":"31d","reason":"r"}'), '^CA001 A silence lasts 30d at most', 'not for long');
SELECT matches(refusal('silence.add', 'ina', '{"asset":"db01","for":"2h","until":"2026-01-06","reason":"r"}'), '^CA003 Either "until" or "for"', 'one end');
SELECT matches(refusal('silence.add', 'ina', '{"asset":"db01","until":"2026-01-01","reason":"r"}'), '^CA003 It would end before it begins', 'one to come');
SELECT matches(refusal('silence.add', 'ina', '{"asset":"db01","from":"2026-01-02T00:00:00Z","for":"30d","reason":"r"}'), '^CA003 A silence begins now or later', 'no silence of the past');
SELECT matches(refusal('silence.add', 'ina', '{"label":"berlin","for":"2h","reason":"r"}'), '^CA003 "berlin" is no label', 'labels are K=V');
SELECT matches(refusal('silence.add', 'ina', jsonb_build_object('asset', 'db01', 'for', '60d', 'reason', 'r', 'every', e)), '^CA003 ' || why, e)
FROM (VALUES ('sunday', '"every" is no time'), ('sun 2-4', '"every" is no time'), ('sun 25:00-26:00', '"every" is no time'), ('sun 02:00-04:60', '"every" is no time'),
             ('son 02:00-04:00', '"son" is no day'), ('mon-tue-wed 02:00-04:00', '"mon-tue-wed" is no day'), ('sun 02:00-04:00 Mars/Olympus', '"Mars/Olympus" is no time zone'),
             ('sun 02:00-02:00', '"every" ends when it begins'), ('sun 02:00-24:30', '"every" is no time'), (',mon 02:00-03:00', '"" is no day'),
             ('mon 02:00-03:00; DROP TABLE x', '"every" is no time')) v(e, why);
SELECT is((SELECT row(w.days, w.from_time, w.to_time, w.zone)::text FROM capa.silence_window(e, 'Europe/Berlin') w), expected, e)
FROM (VALUES ('sun 02:00-04:00', '({7},02:00:00,04:00:00,Europe/Berlin)'), ('mon-fri 22:00-06:00 UTC', '("{1,2,3,4,5}",22:00:00,06:00:00,UTC)'),
             ('sat-mon,wed 1:30-24:00 America/New_York', '("{1,3,6,7}",01:30:00,00:00:00,America/New_York)'), ('daily 01:00-01:30', '("{1,2,3,4,5,6,7}",01:00:00,01:30:00,Europe/Berlin)')) v(e, expected);
SELECT is((SELECT string_agg(to_char(t.from_at, 'MM-DD HH24:MI') || '/' || to_char(t.to_at, 'MM-DD HH24:MI'), ' ' ORDER BY 1)
           FROM capa.silence_times(jsonb_populate_record(NULL::capa.silence, '{"from_at":"2026-03-20T00:00Z","until":"2026-04-10T00:00Z","every":"x","days":[7],"from_time":"01:00","to_time":"04:00","zone":"Europe/Berlin"}'),
             '2026-03-01Z', '2026-05-01Z') t), '03-22 00:00/03-22 03:00 03-29 00:00/03-29 02:00 04-04 23:00/04-05 02:00', 'wall time across the change of the clock');

-- preview
SELECT is(fail('old', 'o1'), 'raised NC-1', 'something is open');
SELECT is((SELECT row(r #>> '{preview,open}', r #>> '{preview,raised}', r #>> '{preview,fails}', r #>> '{preview,ncs,0,ref}')::text
           FROM say('silence.add', 'ina', '{"asset":"db*","for":"2h","reason":"r","preview":true}') r), '(1,1,1,NC-1)', 'preview says what it would hide');
SELECT is((SELECT r #>> '{preview,open}' FROM say('silence.add', 'ina', '{"asset":"web*","for":"2h","reason":"r","preview":true}') r), '0', 'and what not');
SELECT is((SELECT count(*) FROM capa.silence)::int, 0, 'and makes none');

-- holding back
SELECT is((SELECT row(r ->> 'ref', r ->> 'state')::text FROM say('silence.add', 'oda', '{"rule":"backup-failed","asset":"db*","for":"2h","reason":"new disks"}') r), '(SIL-1,running)', 'SIL-1');
SELECT is(fail('a', 'a1', '{"grade":"major"}'), 'suppressed', 'a new failure raises nothing');
SELECT is(fail('b', 'b1'), 'suppressed', 'nor another');
SELECT is(fail('c', 'c1'), 'suppressed', 'nor a third');
SELECT is(fail('d', 'd1', '{"rule":1}'), 'raised NC-2', 'another rule does');
SELECT is(fail('old', 'o2', '{"grade":"critical"}'), 'occurrence NC-1', 'an open one counts it');
SELECT is((SELECT grade FROM capa.nc WHERE id = 1), 'minor', 'and nothing more: its grade stays');
SELECT is((SELECT count(*) FROM capa.event)::int, 6, 'all are stored');
SELECT is(pass('b', 'b2'), 'none', 'one passes again');
SELECT is(fail('a', 'a2', '{"grade":"minor","body":"{\"second\":1}","adapter":"am","redacted":["/x"]}'), 'suppressed', 'one fails again');
SELECT is((SELECT row(s ->> 'state', s ->> 'suppressed')::text FROM jsonb_array_elements(say('silence.list', 'ina', '{}')) s), '(running,4)', 'list says what it held back');
SELECT is(ticks(), 0, 'nothing to look at yet');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '<=', 7200000::bigint, 'the timer knows its end');
SELECT clock_by('2 hours');
SELECT cmp_ok(ticks(), '>', 0, 'it has ended: the state is looked at again');
SELECT is((SELECT string_agg(id || ' ' || grade || ' ' || raised_by, ', ' ORDER BY id) FROM capa.nc WHERE id > 2), '3 minor rule backup-failed, 4 minor rule backup-failed',
  'what failed last and did not pass raises: c by its event, a by its newest, b not');
SELECT is((SELECT convert_from(b.body, 'UTF8') FROM capa.evidence e JOIN capa.evidence_body b USING (sha256) JOIN capa.nc n ON n.id = e.nc WHERE n.fingerprint = decode(test.fp('a'), 'hex')), '{"second":1}',
  'its evidence is the event as it came');
SELECT is((SELECT array_agg(redacted ORDER BY redacted) FROM (SELECT redacted FROM capa.event ORDER BY eventno DESC LIMIT 2) e), '{"[\"/x\"]",NULL}',
  'with what its adapter took out, and the other with nothing');
SELECT cmp_ok((SELECT aware_at FROM capa.nc WHERE id = 3), '>=', '2026-01-05 11:00Z'::timestamptz, 'aware of it now: its dates run from the end of the silence');
SELECT is(ticks(), 0, 'once');
SELECT is((SELECT row(count(*), max(looked_at) = max(until))::text FROM capa.silence), '(1,t)', 'looked at up to its end');
SELECT is(fail('a', 'a3'), 'occurrence ' || (SELECT 'NC-' || id FROM capa.nc WHERE fingerprint = decode(test.fp('a'), 'hex')), 'and everything goes on');
SELECT is((SELECT count(*) FROM capa.uncovered('backup-failed', 'h0', '2026-01-05 09:00Z', '2026-01-05 12:00Z', 1) u WHERE u.why = 'silence SIL-1 held it back')::int, 1, 'silenced time is not covered');
SELECT is((SELECT count(*) FROM capa.uncovered('disk-full', 'h1', '2026-01-05 09:00Z', '2026-01-05 12:00Z', 2) u WHERE u.why LIKE '%SIL-1%')::int, 0, 'of another rule it is');

-- ended early; reopening is held back as well
SELECT is(say('reject', 'ina', '{"nc":4,"reason":"no nonconformity","suppress":"1d"}') ->> 'state', 'rejected', 'one is rejected');
SELECT is(say('silence.add', 'ina', '{"asset":"db01","for":"10d","reason":"move"}') ->> 'ref', 'SIL-2', 'SIL-2, by asset');
SELECT is(fail('e', 'e1'), 'suppressed', 'held back');
SELECT matches(refusal('silence.end', 'ina', '{"ref":"SIL-9","reason":"r"}'), '^CA002 There is no SIL-9', 'what there is');
SELECT matches(refusal('silence.end', 'ina', '{"ref":"NC-1","reason":"r"}'), '^CA003 "NC-1" is no reference of a silence', 'a silence');
SELECT matches(refusal('silence.end', 'ina', '{"ref":"1","reason":"r"}'), '^CA001 SIL-1 has ended already', 'one that applies');
SELECT is(say('silence.end', 'ina', '{"ref":"sil-2","reason":"done early"}') ->> 'state', 'ended', 'ended early');
SELECT cmp_ok(ticks(), '>', 0, 'looked at at once');
SELECT is((SELECT row(id, title)::text FROM capa.nc WHERE fingerprint = decode(test.fp('e'), 'hex')), '(5,"Backup of db01 failed")', 'what it held back raises');

-- a maintenance window: Sundays two to four
SELECT matches((SELECT concat_ws(': ', x ->> 'state', x ->> 'sentence') FROM say('silence.add', 'ina', '{"rule":"disk-full","for":"60d","every":"sun 02:00-04:00 UTC","reason":"maintenance"}') x),
  '^between: nothing is raised in each of its windows until 2026-03-06T11:00:', 'SIL-3 recurs');
SELECT is(fail('f', 'f1', '{"rule":1}'), 'raised NC-6', 'outside of it everything raises');
SELECT clock_to('2026-01-11 03:00Z');
SELECT is(fail('g', 'g1', '{"rule":1}'), 'suppressed', 'within it nothing');
SELECT clock_to('2026-01-11 04:00Z');
SELECT cmp_ok(ticks(), '>', 0, 'at the end of each time the state is looked at');
SELECT is((SELECT count(*) FROM capa.nc WHERE fingerprint = decode(test.fp('g'), 'hex'))::int, 1, 'and what still fails raises');
SELECT is(fail('h', 'h1', '{"rule":1}'), 'raised NC-8', 'until the next Sunday');
SELECT clock_to('2026-01-18 02:00Z');
SELECT is(fail('i', 'i1', '{"rule":1}'), 'suppressed', 'when it begins again');

-- publishing only
SELECT clock_to('2026-01-19 09:00Z');
SELECT cmp_ok(ticks(), '>=', 0, 'all that was due');
SELECT is(say('raise', 'rita', '{"title":"t","grade":"critical","asset":"web01","statement":"s"}') ->> 'state', 'raised', 'a critical one, to be triaged in 4h');
SELECT ref FROM (SELECT 'NC-' || max(id) AS ref FROM capa.nc) x \gset
SELECT matches(say('silence.add', 'ina', '{"asset":"web*","for":"6h","publish_only":true,"reason":"we are on it"}') ->> 'sentence', '^escalations wait until 2026-01-19T15:00:', 'escalations wait');
SELECT is(fail('j', 'j1', '{"rule":1}'), 'raised NC-11', 'raising does not');
SELECT clock_by('5 hours');
SELECT cmp_ok(ticks(), '>=', 0, 'its due date has passed');
SELECT is((SELECT count(*) FROM capa.escalation e WHERE 'NC-' || e.nc = :'ref')::int, 0, 'nothing went out');
SELECT is(say('show', 'ina', jsonb_build_object('ref', :'ref')) ->> 'overdue', 'true', 'it is overdue all the same');
SELECT clock_by('61 minutes');
SELECT cmp_ok(ticks(), '>=', 0, 'the silence has ended');
SELECT is((SELECT string_agg(e.level || ' ' || e.state, ' ' ORDER BY e.id) FROM capa.escalation e WHERE 'NC-' || e.nc = :'ref' AND e.state = 'fired'), 'L1 fired', 'one message, at the highest step');
SELECT cmp_ok((SELECT count(*) FROM capa.journal WHERE topic LIKE 'silence.%')::int, '>=', 8, 'all of it is in the journal');
SELECT * FROM finish();
