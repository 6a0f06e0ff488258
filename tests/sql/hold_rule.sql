-- A held rule: its fails raise and change nothing, but are stored and counted (PRODUCT, "Storms").
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[
  {"id":"backup-failed","hash":"h0","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default",
   "growth":[{"occurrences":3,"within":{"d":7},"to":"major"}]},
  {"id":"disk-full","hash":"h1","title":"Disk full","effect":"fail","controls":["A.8.6"],"policy":"default","growth":[]},
  {"id":"backup-good","hash":"h2","title":"","effect":"pass","clears":["backup-failed"],"policy":"default","growth":[]}]}') ->> 'changed';
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;

SELECT is(fail('a', 'a1'), 'raised NC-1', 'before it is held it raises');
SELECT matches(refusal('rules.hold', 'ina', '{"rule":"backup-failed"}'), '^CA003 rules.hold needs "reason"', 'a hold has a reason');
SELECT matches(refusal('rules.hold', 'ina', '{"rule":"nonsense","reason":"r"}'), '^CA002 There is no rule "nonsense"', 'of a rule that is loaded');
SELECT matches(refusal('rules.hold', 'ina', '{"rule":"backup-good","reason":"r"}'), '^CA001 Rule "backup-good" has effect "pass"', 'that raises');
SELECT matches(refusal('rules.hold', 'oda', '{"rule":"backup-failed","reason":"r"}', NULL, '{owner,reporter}'), '^CA004', 'not by anyone');
SELECT matches(refusal('rules.hold', 'ina', '{"rule":"backup-failed","reason":"r","until":"2020-01-01"}'), '^CA003 "until" is past', 'not until yesterday');
SELECT is((SELECT row(r ->> 'ref', r ->> 'state', r #>> '{hold,by}', r #>> '{next,0,command}')::text FROM say('rules.hold', 'ina', '{"rule":"backup-failed","reason":"wrong path"}') r),
  '(backup-failed,held,ina,"capactl reject --rule backup-failed --since 7d --reason TEXT")', 'held at once, and the next step named');
SELECT matches(refusal('rules.hold', 'ina', '{"rule":"backup-failed","reason":"r"}'), '^CA001 Rule "backup-failed" is held already', 'once');

SELECT row(version, grade, state)::text AS before FROM capa.nc WHERE id = 1 \gset
SELECT is(fail('b', 'b1'), 'suppressed', 'a new failure raises nothing');
SELECT is(fail('a', 'a2'), 'suppressed', 'nor does a known one change anything');
SELECT is((SELECT count(*) FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', 'm' || i, 'fp', 'a', 'grade', 'critical')) FROM generate_series(1, 50) i))) r
           WHERE r ->> 'status' = 'stored' AND r #>> '{results,0,effect}' = 'suppressed')::int, 50, 'nor do many, worse ones: each is stored');
SELECT is(fail('b', 'b1'), 'suppressed', 'a repeat is a duplicate with the same results');
SELECT is((SELECT count(*) FROM capa.nc)::int, 1, 'one NC');
SELECT is((SELECT row(version, grade, state)::text FROM capa.nc WHERE id = 1), :'before', 'untouched');
SELECT is((say('show', 'ina', '{"ref":"NC-1"}') ->> 'occurrences')::int, 1, 'its occurrences too');
SELECT is((SELECT count(*) FROM capa.event)::int, 53, 'every event is stored');
SELECT is(fail('d', 'd1', '{"rule":1}'), 'raised NC-2', 'another rule is not held');
SELECT is((SELECT row(e ->> 'rule', e ->> 'suppressed')::text FROM jsonb_array_elements(say('rules.holds', 'ina', '{}')) e), '(backup-failed,52)', 'what was held back is counted');
SELECT is(say('status', 'ina', '{}') #>> '{held,0,rule}', 'backup-failed', 'and status names it');
SELECT is(test.one('p1', '{"fp":"a","effect":"pass"}') #>> '{results,0,effect}', 'evidence', 'a pass still proves');

SELECT matches(refusal('rules.release', 'ina', '{"rule":"disk-full","reason":"r"}'), '^CA001 Rule "disk-full" is not held', 'only what is held is released');
-- received before the hold, and judged after it
UPDATE capa.muted SET received = received - interval '1 minute' WHERE eventno = (SELECT min(eventno) FROM capa.muted) RETURNING capa.rfc3339(received) AS first \gset
SELECT is((SELECT row(r ->> 'state', r ->> 'sentence', r #>> '{next,0,command}')::text FROM say('rules.release', 'ina', '{"rule":"backup-failed","reason":"corrected"}') r),
  format('(released,"it raises again; 52 of its fails were held back and raise nothing","capactl rules replay --no-holds --since %s")', :'first'),
  'released, and the next step shows all that was held back');
SELECT is((SELECT count(*) FROM capa.nc)::int, 2, 'what was held back raises nothing afterwards');
SELECT is(fail('b', 'b2'), 'raised NC-3', 'what fails from now on does');
SELECT is(jsonb_array_length(say('rules.holds', 'ina', '{}')), 0, 'none is held');
SELECT is(say('rules.holds', 'ina', '{"all":true}') #>> '{0,ended_why}', 'corrected', 'the history is there');

-- until
SELECT is(say('rules.hold', 'ina', '{"rule":"backup-failed","reason":"again","until":"2h"}') ->> 'state', 'held', 'held for a time');
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '<=', 7200000::bigint, 'the timer knows');
SELECT clock_by('1 hour');
SELECT is(fail('e', 'e1'), 'suppressed', 'within it');
SELECT clock_by('61 minutes');
SELECT is(fail('e', 'e2'), 'raised NC-4', 'after it, even before a tick');
SELECT isnt(api.tick(), NULL, 'tick');
SELECT is((SELECT ended_by || ': ' || ended_why FROM capa.rule_hold ORDER BY id DESC LIMIT 1), 'system: its time is over', 'the system ends it');
SELECT is((SELECT string_agg(topic, ' ' ORDER BY seq) FROM capa.journal WHERE topic LIKE 'rule.%'), 'rule.held rule.released rule.held rule.released', 'all of it is in the journal');
SELECT is((SELECT string_agg(u.why, ',') FROM capa.uncovered('backup-failed', 'h0', '2026-01-05 09:00Z', '2026-01-05 12:00Z') u WHERE u.why LIKE '%held%'), 'the rule was held,the rule was held', 'held time is not covered');
SELECT * FROM finish();
