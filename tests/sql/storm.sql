-- Storms: too many new failures of one rule in a time are one NC that takes the overflow (SEMANTICS section 4).
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT is((SELECT value FROM capa.setting WHERE name = 'storm'), '{"n": 500, "within": {"s": 600}}', 'shipped: a whole PUT raises, more is a storm');
UPDATE capa.setting SET value = '{"n": 20, "within": {"s": 600}}' WHERE name = 'storm';
SELECT test.rules('{"rules":[
  {"id":"backup-failed","hash":"h0","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default",
   "growth":[{"occurrences":3,"within":{"d":7},"to":"major"}]},
  {"id":"disk-full","hash":"h1","title":"Disk full","effect":"fail","owner":"ops","controls":["A.8.6"],"triaged":true,"policy":"default","growth":[],"storm":{"n":3,"within":{"s":3600}}}]}') ->> 'changed';
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION many(label text, n int, more jsonb DEFAULT '{}') RETURNS TABLE (effect text, nc text, times bigint) LANGUAGE sql AS $$
  SELECT r #>> '{results,0,effect}', CASE WHEN r #>> '{results,0,effect}' <> 'raised' THEN r #>> '{results,0,nc}' END, count(*)
  FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', label || i, 'fp', label || i) || more) FROM generate_series(1, n) i))) r
  GROUP BY 1, 2 ORDER BY 1
$$;

SELECT is(capa.storm_fingerprint('ab'), encode(sha256('\x000000026162'::bytea || '\x78'::bytea || '\x00000005'::bytea || 'storm'::bytea), 'hex'), 'its fingerprint is documented');
SELECT is(fail('zero', 'z'), 'raised NC-1', 'one before');
-- Once, so that what is measured is no first plan.
SELECT clock_timestamp() AS began \gset
SELECT results_eq($$SELECT * FROM many('s', 500)$$, $$VALUES ('occurrence', 'NC-21', 480::bigint), ('raised', NULL, 20)$$,
  'of 500 new failures in one batch 19 raise, then the storm does, which takes all others');
SELECT extract(epoch FROM clock_timestamp() - :'began'::timestamptz) AS took \gset
SELECT diag('500 new failures took ' || round(:took::numeric, 2) || ' s');
SELECT cmp_ok(:took::float, '<', 20::float, 'in a moment');
SELECT is((SELECT row(title, grade, state, owner, rule, asset)::text FROM capa.nc WHERE id = 21),
  '("Storm of backup-failed: more than 20 new failures in 10m",minor,triaged,ops,backup-failed,several)', 'its NC says what it is; many failures in a storm let no grade grow');
SELECT is((SELECT count(*) FROM capa.nc)::int, 21, '20 of the rule and the storm');
SELECT is((SELECT row((x ->> 'occurrences')::int, x #>> '{storm,running}', x #>> '{storm,failures}', jsonb_array_length(x #> '{storm,newest}'))::text FROM say('show', 'ina', '{"ref":"NC-21"}') x),
  '(481,true,481,100)', 'show tells of the failures that it took');
SELECT is((SELECT count(*) FROM capa.journal_body b WHERE b.nc = 21)::int, (SELECT count(*) FROM capa.journal_body b WHERE b.nc = 2)::int + 1, 'one row in the journal for all of them');
SELECT is((SELECT count(*) FROM capa.event WHERE nc = 21)::int, 481, 'each event is stored as the storm''s');
SELECT is(fail('s400', 'again'), 'occurrence NC-21', 'what it took and fails again is its occurrence');
SELECT is(fail('s3', 'again3'), 'occurrence NC-4', 'what has an NC of its own keeps it');
SELECT is(fail('new', 'new1'), 'occurrence NC-21', 'a new one goes to the storm');
SELECT is((SELECT results_ FROM (SELECT string_agg(effect, ',') AS results_ FROM many('d', 2, '{"rule":1}')) x), 'raised', 'another rule is in no storm');
SELECT results_eq($$SELECT * FROM many('d', 6, '{"rule":1,"src":"/u"}')$$, $$VALUES ('occurrence', 'NC-22', 1::bigint), ('occurrence', 'NC-23', 1), ('occurrence', 'NC-25', 2), ('raised', NULL, 2)$$,
  'a rule may have its own limit: three in an hour');
SELECT is((SELECT jsonb_object_agg(n.id, capa.expectation_waits(n, '{"no_pass_for":{"s":172800},"to":"major"}')) FROM capa.nc n WHERE n.id IN (22, 25)),
  '{"22":true,"25":false}', 'time without a pass lets no storm grow: nothing passes its fingerprint');
SELECT is(test.one('p1', '{"fp":"s400","effect":"pass"}') #>> '{results,0,effect}', 'none', 'the pass of one proves nothing of the storm');

-- its end
SELECT clock_by('9 minutes');
SELECT is(fail('new2', 'new2'), 'occurrence NC-21', 'nine minutes later it runs still');
SELECT clock_by('11 minutes');
SELECT is((say('show', 'ina', '{"ref":"NC-21"}') #>> '{storm,running}'), 'false', 'after ten minutes without anything new it has ended');
SELECT is(fail('s400', 'after'), 'raised NC-26', 'what still fails raises');
SELECT is(fail('s400', 'after2'), 'occurrence NC-26', 'and has its own NC from then on');
SELECT results_eq($$SELECT * FROM many('t', 30)$$, $$VALUES ('occurrence', 'NC-21', 11::bigint), ('raised', NULL, 19)$$, 'the next storm is an occurrence of the NC that is open still');
SELECT is((SELECT count(*) FROM capa.overflow WHERE nc = 21)::int, 494, 'all it took are beside it');

-- split
SELECT is((SELECT row(r ->> 'ref', r #>> '{nc,title}', r #>> '{nc,fingerprint}' = test.fp('s450'), r ->> 'split_from', r #>> '{nc,asset}', r #>> '{nc,owner}')::text
           FROM say('split', 'ina', jsonb_build_object('nc', 'NC-21', 'fingerprint', left(test.fp('s450'), 16))) r),
  '(NC-46,"Backup of db01 failed",t,NC-21,db01,ops)', 'any failure can be split off');
SELECT is(fail('s450', 's450b'), 'occurrence NC-46', 'its events go there');
SELECT matches(refusal('split', 'ina', jsonb_build_object('nc', 'NC-21', 'fingerprint', test.fp('s450'))), '^CA001 That fingerprint is spoken for by NC-46 already', 'once');
SELECT matches(refusal('split', 'ina', jsonb_build_object('nc', 'NC-21', 'fingerprint', test.fp('nobody'))), '^CA001 NC-21 speaks for no fingerprint', 'what it took');

-- a storm's NC is an NC: closed, rejected
SELECT is(say('reject', 'ina', '{"nc":21,"reason":"the mail server was away","suppress":"1d"}') ->> 'state', 'rejected', 'the storm was rejected');
SELECT is((SELECT string_agg(DISTINCT effect || ' ' || nc, ',') FROM many('u', 30) WHERE nc IS NOT NULL), 'suppressed NC-21', 'a storm of a rejected one is held back with it');
SELECT clock_by('2 days');
SELECT is((SELECT string_agg(effect || ' ' || times, ',') FROM many('v', 30)), 'occurrence 9,raised 21', 'then raises anew');
SELECT is((SELECT row(title ~ '^Storm', recurrence_of)::text FROM capa.nc WHERE fingerprint = decode(capa.storm_fingerprint('backup-failed'), 'hex') ORDER BY id DESC LIMIT 1), '(t,21)', 'with its history');
UPDATE capa.setting SET value = '{"n": 0}' WHERE name = 'storm';
SELECT clock_by('1 hour');
SELECT is((SELECT string_agg(effect || ' ' || times, ',') FROM many('w', 30)), 'raised 30', 'a limit of 0 means none');

-- careful way
UPDATE capa.setting SET value = '{"n": 2, "within": {"s": 600}}' WHERE name = 'storm';
SELECT clock_by('1 hour');
SELECT is((SELECT string_agg(r #>> '{results,0,effect}', ',') FROM jsonb_array_elements(test.send_careful((SELECT jsonb_agg(jsonb_build_object('id', 'x' || i, 'fp', 'x' || i)) FROM generate_series(1, 5) i))) r),
  'raised,raised,occurrence,occurrence,occurrence', 'one event at a time it is the same');
SELECT * FROM finish();
