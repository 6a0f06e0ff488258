-- rules.outcome says what the register would do with an event, and then it does that: holds, silences, storms, and the NC that speaks for
-- the fingerprint. Nothing is changed by asking.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[
  {"id":"disk-full","hash":"h0","title":"Disk full","effect":"fail","owner":"ops","controls":["A.8.6"],"triaged":true,"policy":"default","growth":[],"storm":{"n":3,"within":{"s":3600}}},
  {"id":"disk-good","hash":"h1","title":"","effect":"pass","clears":["disk-full"],"policy":"default","growth":[]},
  {"id":"logins","hash":"h2","title":"Logins","effect":"fail","controls":["A.8.5"],"policy":"default","growth":[],
   "count":{"n":2,"within":{"s":600},"by":false,"distinct":false,"clock":"event"}}]}') ->> 'changed';
CREATE FUNCTION outcome(fp text, rule text DEFAULT 'disk-full', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT say('rules.outcome', 'ina', jsonb_build_object('source', '/s', 'matches', jsonb_build_array(
    jsonb_build_object('rule', rule, 'effect', 'fail', 'grade', 'minor', 'fingerprint', test.fp(fp)) || more))) #>> '{0,sentence}'
$$;
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;

SELECT is(outcome('a'), 'a new nonconformity of grade minor', 'of what nobody knows one is raised');
SELECT is((SELECT count(*) FROM capa.nc)::int, 0, 'asking raises nothing');
SELECT is(fail('a', 'a1'), 'raised NC-1', 'and so it is');
SELECT is(outcome('a'), 'an occurrence of NC-1 (minor, triaged)', 'of an open one');
SELECT is(fail('a', 'a2'), 'occurrence NC-1', 'and so it is');
SELECT is(outcome('a', 'disk-full', '{"effect":"pass"}'), 'evidence for NC-1 (triaged)', 'a pass');
SELECT is(outcome('z', 'disk-full', '{"effect":"pass"}'), 'nothing: no nonconformity waits for this pass', 'a pass of nothing');
SELECT is(outcome('l', 'logins'), 'once its count or sequence is complete, a new nonconformity of grade minor', 'a rule that counts');
SELECT is(outcome('l', 'disk-full', '{"effect":"missing"}'), 'from now on the other event is expected', 'a rule that waits');
SELECT is(outcome('a', 'nonsense'), 'unknown: the register has no rule of that name loaded', 'a rule that is not there');

SELECT do_('rules.hold', 'ina', '{"rule":"disk-full","reason":"wrong path"}');
SELECT matches(outcome('b'), '^suppressed: rule disk-full is held; capactl rules release disk-full', 'a held rule');
SELECT is(fail('b', 'b1'), 'suppressed', 'and so it is');
SELECT do_('rules.release', 'ina', '{"rule":"disk-full","reason":"right again"}');

SELECT do_('silence.add', 'ina', '{"rule":"disk-full","for":"1h","reason":"moving disks"}');
SELECT is(outcome('b'), 'held back by SIL-1, and judged again at its end', 'a silence');
SELECT is(outcome('a'), 'an occurrence of NC-1 (triaged) and nothing more, under SIL-1', 'which goes on counting');
SELECT is((SELECT fail('b', 'b2') || ', ' || fail('a', 'a3')), 'suppressed, occurrence NC-1', 'and so it is');
SELECT do_('silence.end', 'ina', '{"ref":"SIL-1","reason":"moved"}');

SELECT do_('reject', 'ina', '{"nc":"NC-1","reason":"a test disk"}');
SELECT matches(outcome('a'), '^suppressed: NC-1 was rejected, until 2026-02-0', 'a rejected one');
SELECT is(fail('a', 'a4'), 'suppressed NC-1', 'and so it is');
SELECT clock_by('31 days');
SELECT is(outcome('a'), 'a new nonconformity, which recalls NC-1 (rejected)', 'and afterwards');

SELECT test.send((SELECT jsonb_agg(jsonb_build_object('id', 's' || i, 'fp', 's' || i)) FROM generate_series(1, 5) i)) IS NOT NULL;
SELECT is(outcome('new'), 'taken by the storm of rule disk-full', 'a storm');
SELECT matches(fail('new', 'new1'), '^occurrence', 'and so it is');

SELECT do_('restrict', 'ina', '{"nc":"NC-1","restricted":true,"reason":"names"}');
SELECT is((SELECT row(x #>> '{0,nc}', x #>> '{0,sentence}')::text FROM say('rules.outcome', 'rita', jsonb_build_object('matches', jsonb_build_array(
  jsonb_build_object('rule', 'disk-full', 'effect', 'fail', 'fingerprint', test.fp('a')))), NULL, '{reporter}') x),
  '(,"known: a nonconformity that you may not read speaks for it")', 'what one may not read is not told');
SELECT matches(refusal('rules.outcome', 'ina', '{"matches":[{"rule":"disk-full"}]}'), '^CA003 "matches" is a list', 'as rules.explain gives them');
SELECT * FROM finish();
