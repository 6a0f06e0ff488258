-- A renamed rule keeps its NCs ("was"); one whose fingerprint changed says what becomes of what is open; what flaps is shown as such.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION rule_of(id text, hash text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', hash, 'title', 'Backup failed', 'effect', 'fail', 'owner', 'ops', 'controls', '["A.8.13"]'::jsonb, 'triaged', true,
    'policy', 'default', 'growth', '[]'::jsonb, 'fingerprint', '["/subject"]'::jsonb, 'missing', null) || more
$$;
CREATE FUNCTION load(letter text, VARIADIC rules jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN test.rules(jsonb_build_object('rules', to_jsonb(rules)), letter) ->> 'changed';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION fail(fp text, id_ text, letter text, was text DEFAULT NULL, effect text DEFAULT 'fail') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  b record;
  r jsonb;
BEGIN
  SELECT * INTO b FROM test.batch(jsonb_build_array(jsonb_build_object('id', id_, 'fp', fp, 'effect', effect)), NULL, letter);
  IF was IS NOT NULL THEN
    b.meta := jsonb_set(b.meta, '{cases,0,was}', jsonb_build_array(test.fp('never'), test.fp(was)));
  END IF;
  r := api.ingest(b.meta, b.bodies)::jsonb #> '{results,0,results,0}';
  RETURN concat_ws(' ', r ->> 'effect', r ->> 'nc');
END $$;

SELECT is(load('a', rule_of('old', 'h0'), rule_of('beside', 'h1')), 'true', 'rules');
SELECT is(fail('old/' || i, 'o' || i, 'a'), 'raised NC-' || i, 'raised ' || i) FROM generate_series(1, 4) i;
SELECT is(say('reject', 'ina', '{"nc":3,"reason":"no","suppress":"30d"}') ->> 'state', 'rejected', 'one is rejected');
SELECT is(say('rules.hold', 'ina', '{"rule":"old","reason":"r"}') ->> 'state', 'held', 'it is held');
SELECT is(say('silence.add', 'ina', '{"rule":"old","asset":"nothing","for":"2h","reason":"r"}') ->> 'ref', 'SIL-1', 'and a silence names it');
SELECT is(load('b', rule_of('new', 'h2', '{"was":["ancient","old"]}'), rule_of('beside', 'h1')), 'true', 'its name changes');
SELECT is((SELECT string_agg(DISTINCT rule, ',') FROM capa.nc), 'new', 'its NCs are the new one''s at once');
SELECT is((SELECT rule FROM capa.rule_hold) || ' ' || (SELECT rule FROM capa.silence), 'new new', 'so are holds and silences');
SELECT is(fail('new/1', 'n1', 'b', 'old/1'), 'suppressed', 'still held');
SELECT is(say('rules.release', 'ina', '{"rule":"new","reason":"r"}') ->> 'state', 'released', 'released');
SELECT is(fail('new/1', 'n1b', 'b', 'old/1'), 'occurrence NC-1', 'a failure known before is an occurrence of its NC');
SELECT is((SELECT encode(fingerprint, 'hex') FROM capa.nc WHERE id = 1), test.fp('new/1'), 'which has the new fingerprint from then on');
SELECT is(fail('new/2', 'n2', 'b', 'old/2', 'pass'), 'evidence NC-2', 'a pass finds it too');
SELECT is(fail('new/2', 'n2b', 'b', 'old/2'), 'occurrence NC-2', 'and so on');
SELECT is(fail('new/3', 'n3', 'b', 'old/3'), 'raised NC-5', 'the suppression of a rejected one ends with the rule''s hash');
SELECT is((SELECT recurrence_of FROM capa.nc WHERE id = 5), 3, 'with its history');
SELECT is(fail('new/9', 'n9', 'b', 'old/9'), 'raised NC-6', 'a new failure raises');
SELECT is(fail('new/9', 'n9p', 'b', 'old/9', 'pass'), 'evidence NC-6', 'and passes');
SELECT is((SELECT count(*) FROM capa.journal_body b WHERE b.body::jsonb #>> '{data,what}' = 'renamed')::int, 3, 'each taken over is in the journal');

-- the fingerprint changes
SELECT matches(load('c', rule_of('new', 'h3', '{"was":["old"],"fingerprint":["/subject","/source"]}'), rule_of('beside', 'h1')),
  '^CA001 The fingerprint of rule "new" changed while 5 of its nonconformities are open \(NC-1, NC-2, NC-4, NC-5, NC-6\)', 'refused until told what becomes of what is open');
SELECT matches(load('c', rule_of('new', 'h3', '{"missing":"null"}')), '^CA001 The fingerprint', 'a missing part that counts is another fingerprint');
SELECT matches(load('c', rule_of('newer', 'h3', '{"was":["new"],"fingerprint":["/x"]}')), '^CA001 The fingerprint of rule "newer"', 'also under a new name');
SELECT is((SELECT max(version) FROM capa.loaded WHERE kind = 'rules'), 2, 'nothing was loaded');
SELECT is((SELECT string_agg(DISTINCT rule, ',') FROM capa.nc), 'new', 'nor changed');
SELECT is(load('d', rule_of('new', 'h4', '{"fingerprint":["/subject","/source"],"fingerprint_changed":"keep"}'), rule_of('beside', 'h1', '{"fingerprint":["/other"]}')), 'true', 'keep: they stay as they are; where nothing is open nothing is asked');
SELECT is((SELECT count(*) FROM capa.nc WHERE NOT capa.has_left(state))::int, 5, 'all are open');
SELECT is((SELECT count(*) FROM capa.batch)::int, 0, 'and nothing is asked for');
SELECT is(load('e', rule_of('new', 'h5', '{"fingerprint":["/subject"],"fingerprint_changed":"reject"}'), rule_of('beside', 'h1')), 'true', 'reject');
SELECT is((SELECT row(rule, cardinality(ncs), state, author)::text FROM capa.batch), '(new,5,open,system)', 'asks for a rejection as one batch');
SELECT is(say('approve', 'ina', '{"ref":"B-1"}') ->> 'state', 'approved', 'which a person decides');
SELECT is(load('f', rule_of('new', 'h6', '{"fingerprint":["/source"]}')), 'true', 'with nothing open it may change again');

-- flapping
CREATE FUNCTION flaps(nc int) RETURNS text LANGUAGE sql AS $$ SELECT say('list', 'ina', '{"all":true}') -> (SELECT (o - 1)::int FROM jsonb_array_elements(say('list', 'ina', '{"all":true}')) WITH ORDINALITY x(v, o) WHERE v ->> 'ref' = 'NC-' || nc) ->> 'flapping' $$;
SELECT is(fail('fl', 'f1', 'f'), 'raised NC-7', 'fails');
SELECT is(fail('fl', 'f2', 'f', NULL, 'pass'), 'evidence NC-7', 'passes');
SELECT is(fail('fl', 'f3', 'f'), 'occurrence NC-7', 'fails');
SELECT is(flaps(7), NULL, 'two changes are not flapping');
SELECT is(fail('fl', 'f4', 'f'), 'occurrence NC-7', 'fails again: no change');
SELECT is(flaps(7), NULL, 'still not');
SELECT is(fail('fl', 'f5', 'f', NULL, 'pass'), 'evidence NC-7', 'passes');
SELECT is(flaps(7), 'true', 'three changes in a day are');
SELECT is(say('show', 'ina', '{"ref":"NC-7"}') ->> 'flapping', 'true', 'show says so');
SELECT is((SELECT verdict_or_proof FROM capa.fact WHERE nc = 7), false, 'the system closes nothing that flaps');
SELECT clock_by('25 hours');
SELECT is(flaps(7), NULL, 'a day later it does no more');
-- it is not closed by the system
SELECT is(fail('fc', 'c1', 'f'), 'raised NC-8', 'another one');
SELECT say('contain', 'anna', '{"nc":8,"text":"ran it","consequences":"none","evidence":[{"url":"https://example.org"}]}') ->> 'state';
SELECT say('cause', 'anna', '{"nc":8,"text":"why","category":"process"}') ->> 'state';
SELECT say('similar', 'anna', '{"nc":8,"elsewhere":"no","conclude":"others apart"}') ->> 'state';
SELECT say('need', 'ina', '{"nc":8,"need":"yes","reason":"r","isms":"none","risk":"none"}') ->> 'state';
SELECT say('action.add', 'anna', '{"nc":8,"title":"act","owner":"bob","due":"20d","expect":"e"}') ->> 'action' AS ca \gset
SELECT say('criterion', 'anna', '{"nc":8,"method":"pass_count","passes":1,"window":"1h"}') ->> 'state';
SELECT is(fail('fc', 'c2', 'f', NULL, 'pass') || ', ' || fail('fc', 'c3', 'f') || ', ' || fail('fc', 'c4', 'f', NULL, 'pass'), 'evidence NC-8, occurrence NC-8, evidence NC-8', 'flaps');
SELECT clock_by('1 hour');
SELECT is(say('action.done', 'bob', jsonb_build_object('action', :'ca', 'evidence', '[{"url":"https://example.org"}]'::jsonb)) ->> 'state', 'verifying', 'all is done');
SELECT is(flaps(8), 'true', 'it flapped within the day');
SELECT clock_by('2 hours');
SELECT is(fail('fc', 'c5', 'f', NULL, 'pass'), 'evidence NC-8', 'the pass that its criterion asks for, after the window');
SELECT api.tick() ->> 'more';
SELECT is(state('NC-8'), 'verifying', 'does not close it');
SELECT clock_by('25 hours');
SELECT is(fail('fc', 'c6', 'f', NULL, 'pass'), 'evidence NC-8', 'a day later the next one');
SELECT is((SELECT state || ' ' || closed_by FROM capa.nc WHERE id = 8), 'closed system', 'does');
SELECT * FROM finish();
