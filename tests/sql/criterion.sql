-- Criteria (10.2 d): what `criterion --auto` proposes from the fault's own rate, weak windows, and the passes that a criterion asks for,
-- which are evidence as they come.
\ir lib/send.psql
\ir method.sql
SELECT plan(52);
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[
  {"id":"backup-failed","hash":"h0","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default","growth":[]},
  {"id":"disk-full","hash":"h1","title":"Disk full","effect":"fail","owner":"ops","controls":["A.8.6"],"triaged":true,"policy":"default","growth":[]},
  {"id":"backup-good","hash":"h2","title":"Backup good","effect":"pass","clears":["backup-failed"],"policy":"default","growth":[]}]}') ->> 'changed';

CREATE FUNCTION fail_(fp text, n int, rule int DEFAULT 1) RETURNS text LANGUAGE sql AS $$
  SELECT test.one(fp || '-f' || n, jsonb_build_object('fp', fp, 'rule', rule)) #>> '{results,0,nc}'
$$;
CREATE FUNCTION pass(fp text, n int, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT test.one(fp || '-p' || n, jsonb_build_object('fp', fp, 'effect', 'pass') || more) #>> '{results,0,effect}'
$$;
CREATE FUNCTION auto(ref text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  text_ text;
BEGIN
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref, 'auto', true, 'dry_run', true) || more);
  RETURN NULL;
EXCEPTION WHEN SQLSTATE 'CA000' THEN
  GET STACKED DIAGNOSTICS text_ = PG_EXCEPTION_DETAIL;
  RETURN text_::jsonb -> 'criterion';
END $$;
CREATE FUNCTION short(c jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', c ->> 'method', c ->> 'passes', capa.span_text(c -> 'window'), CASE WHEN (c ->> 'weak')::boolean THEN 'weak' END)
$$;
CREATE FUNCTION plan_(ref text, criterion jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ca text;
BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref) || criterion);
  RETURN ca;
END $$;
CREATE FUNCTION proofs(ref text) RETURNS int LANGUAGE sql AS $$
  SELECT count(*)::int FROM capa.evidence e JOIN capa.nc n ON n.id = e.nc WHERE 'NC-' || n.id = ref AND e.role = 'passed' AND e.at >= capa.last_done(n)
$$;
CREATE FUNCTION rows_() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM capa.journal $$;

-- the fault's own rate: silence
SELECT is(fail_('s', 1), 'NC-1', 'a fault that no rule clears');
SELECT is(short(auto('NC-1')), 'event_silence 90d', 'one occurrence has no rate: the policy''s window');
SELECT matches(auto('NC-1') ->> 'why', '^1 fails so far: no rate', 'and says so');
SELECT clock_by('2 days');
SELECT fail_('s', 2);
SELECT is(short(auto('NC-1')), 'event_silence 90d', 'two have none either');
SELECT clock_by('2 days');
SELECT fail_('s', 3);
SELECT clock_by('4 days');
SELECT fail_('s', 4);
SELECT is(short(auto('NC-1')), 'event_silence 6d weak', 'gaps of 2, 2 and 4 days: three times the middle one is 6');
SELECT matches(auto('NC-1') ->> 'why', '^4 fails, in the middle 2d apart: three times that$', 'what was measured is said');
SELECT is(auto('NC-1') ->> 'weak_why', 'the window, 6d, is shorter than the policy''s, 90d', 'and what it is weak against');
SELECT clock_by('20 days');
SELECT fail_('s', 5);
SELECT is(short(auto('NC-1')), 'event_silence 20d weak', 'never shorter than the longest silence that the fault kept by itself');
SELECT matches(auto('NC-1') ->> 'why', 'once 20d: no shorter than that$', 'which is said');
SELECT is(short(auto('NC-1', '{"window":"100d"}')), 'event_silence 100d', 'a longer one may be given beside it');
SELECT is((SELECT count(*)::int FROM capa.record WHERE fact = 'criterion'), 0, 'a dry run shows and records nothing');
SELECT is((SELECT events FROM capa.event_gaps(1, 'f')), 5, 'all cycles count');
INSERT INTO capa.event_gone SELECT eventno, nc, effect, observed, digest FROM capa.event WHERE nc = 1 ORDER BY eventno LIMIT 2;
DELETE FROM capa.event WHERE eventno IN (SELECT eventno FROM capa.event_gone);
SELECT is(short(auto('NC-1')), 'event_silence 20d weak', 'also those that retention has taken');
SELECT fail_('slow', 1);
SELECT clock_by('200 days');
SELECT fail_('slow', 2);
SELECT clock_by('200 days');
SELECT fail_('slow', 3);
SELECT is(short(auto('NC-2')), 'event_silence 365d', 'never longer than the recurrence window');
SELECT is(capa.span_of('36 hours') ->> 'd' || ' ' || (capa.span_of('61 s') ->> 's') || ' ' || (capa.span_of('5 s') ->> 's') || ' ' || (capa.span_of('0') ->> 's'), '2 120 5 1', 'a measured time is rounded up');
-- a burst
SELECT test.send((SELECT jsonb_agg(jsonb_build_object('id', 'burst' || i, 'fp', 'burst', 'rule', 1)) FROM generate_series(1, 50) i)) IS NULL;
SELECT is(short(auto('NC-3')), 'event_silence 90d', 'a burst at one moment has no rate');
-- passes
SELECT is(fail_('p', 1, 0), 'NC-4', 'a fault that another rule clears');
SELECT is(short(auto('NC-4')), 'pass_count 3 90d', 'three passes within the policy''s window as long as none came');
SELECT pass('p', 1), clock_by('1 day');
SELECT pass('p', 2), clock_by('1 day');
SELECT pass('p', 3);
SELECT is(short(auto('NC-4')), 'pass_count 3 3d weak', 'three runs, once the passes have a rate');
SELECT matches(auto('NC-4') ->> 'why', '^3 passes, in the middle 1d apart: three runs$', 'measured at the passes');
SELECT is(short(auto('NC-4', '{"passes":5}')), 'pass_count 5 3d weak', 'more may be asked for');
-- by hand
SELECT say('raise', 'anna', '{"title":"by hand","owner":"anna"}') ->> 'ref';
SELECT matches(refusal('criterion', 'anna', '{"nc":"NC-5","auto":true}'), '^CA001 NC-5 was raised by hand', 'nothing measures what was raised by hand');
SELECT matches(refusal('criterion', 'anna', '{"nc":"NC-4","auto":true,"method":"manual"}'), '^CA003 criterion needs either', 'auto names the method itself');
SELECT is(say('criterion', 'anna', '{"nc":"NC-5","method":"manual","text":"a sample","window":"10d"}') #>> '{warnings,0}', 'The window of 10d is weak: shorter than the policy''s 90d.', 'a shorter window by hand is weak too');
SELECT is(say('criterion', 'anna', '{"nc":"NC-5","method":"manual","text":"a sample"}') #>> '{criterion,weak}', NULL, 'that of the policy is not');
SELECT is(say('criterion', 'anna', '{"nc":"NC-5","method":"manual","text":"a sample","window":"100d"}') #>> '{criterion,weak}', 'false', 'nor a longer one');
SELECT is(short(say('criterion', 'anna', '{"nc":"NC-4","auto":true}') -> 'criterion'), 'pass_count 3 3d weak', 'recorded as it was proposed');
SELECT is(say('show', 'anna', '{"ref":"NC-4"}') #>> '{criterion,why}', '3 passes, in the middle 1d apart: three runs', 'with what was measured');

-- the passes that a criterion asks for
SELECT say('action.done', 'bob', jsonb_build_object('action', plan_('NC-4', '{"method":"pass_count","passes":2,"window":"10d"}'), 'evidence', '[{"url":"https://example.org"}]'::jsonb)) ->> 'state';
SELECT is(state('NC-4') || proofs('NC-4'), 'verifying0', 'in verifying; passes before the action was done prove nothing');
SELECT clock_by('1 day');
CREATE TEMPORARY TABLE seen AS SELECT rows_() AS n;
SELECT is(pass('p', 10, jsonb_build_object('time', capa.now() - interval '2 days')), 'evidence', 'one observed before the action was done');
SELECT is(proofs('NC-4'), 0, 'is counted and nothing more');
SELECT is(rows_() - (SELECT n FROM seen), 0::bigint, 'and writes no journal');
SELECT is(pass('p', 11), 'evidence', 'the first pass');
SELECT is(proofs('NC-4'), 1, 'is evidence as it comes');
SELECT is((SELECT row(eventno IS NOT NULL, sha256 IS NOT NULL)::text FROM capa.evidence WHERE nc = 4 AND role = 'passed' ORDER BY id DESC LIMIT 1), '(t,t)', 'with its number and its bytes');
SELECT is((SELECT body::jsonb #>> '{data,sentence}' FROM capa.journal_body ORDER BY seq DESC LIMIT 1), 'passed after the last action; 1 more to come', 'the journal says how many are to come');
SELECT is(state('NC-4'), 'verifying', 'one of two is not enough');
SELECT pass('p', 12), clock_by('1 day');
SELECT is(proofs('NC-4'), 2, 'the second too');
UPDATE seen SET n = rows_();
SELECT pass('p', 13);
SELECT is(proofs('NC-4') + (rows_() - (SELECT n FROM seen)), 2::bigint, 'further ones are only counted');
SELECT is((say('show', 'anna', '{"ref":"NC-4"}') -> 'missing') @> '[{"fact":"window"}]', true, 'the window must pass all the same');
SELECT clock_by('12 days');
SELECT api.tick() IS NULL, api.tick() IS NULL;
SELECT is(state('NC-4'), 'closed', 'then the system closes a minor one');
SELECT is((SELECT closed_how FROM capa.nc WHERE id = 4), 'evidence', 'by evidence');
SELECT is((SELECT row(proofs('NC-4'), count(*) = count(DISTINCT eventno))::text FROM capa.evidence WHERE nc = 4 AND role = 'passed'), '(2,t)', 'and keeps no pass twice');
UPDATE seen SET n = rows_();
SELECT pass('p', 14);
SELECT is(rows_() - (SELECT n FROM seen), 0::bigint, 'a pass of a closed one changes nothing');

-- passes and fails in one batch, and after the window
SELECT is(fail_('q', 1, 0), 'NC-6', 'another one');
SELECT say('action.done', 'bob', jsonb_build_object('action', plan_('NC-6', '{"method":"pass_count","passes":3,"window":"1d"}'), 'evidence', '[{"url":"https://example.org"}]'::jsonb)) ->> 'state';
SELECT clock_by('4 days');
SELECT api.tick() IS NULL;
SELECT is(state('NC-6'), 'verifying', 'its window is over, its passes are missing: absence is not a pass');
SELECT is((SELECT string_agg(v #>> '{results,0,effect}', ' ') FROM jsonb_array_elements(test.send('[{"id":"q-p1","fp":"q","effect":"pass"},{"id":"q-p2","fp":"q","effect":"pass"},{"id":"q-p3","fp":"q","effect":"pass"}]')) v),
  'evidence evidence evidence', 'three passes in one batch');
SELECT is(state('NC-6'), 'closed', 'close it at once');
SELECT is((SELECT count(*)::int FROM capa.evidence WHERE nc = 6 AND role = 'passed'), 3, 'each is evidence');
SELECT is(fail_('r', 1, 0), 'NC-7', 'and one more');
SELECT say('action.done', 'bob', jsonb_build_object('action', plan_('NC-7', '{"method":"pass_count","passes":1,"window":"1d"}'), 'evidence', '[{"url":"https://example.org"}]'::jsonb)) ->> 'state';
SELECT is((SELECT string_agg(v #>> '{results,0,effect}', ' ') FROM jsonb_array_elements(test.send('[{"id":"r-p1","fp":"r","effect":"pass"},{"id":"r-f2","fp":"r"}]')) v),
  'evidence recurred', 'a pass and then a fail: the fail counts');
SELECT is((SELECT cycle FROM capa.nc WHERE id = 7), 2, 'it is a new cycle');
SELECT * FROM finish();
