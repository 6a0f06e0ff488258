-- What an event does in each state of the register, fail and pass, late and not (PRODUCT, "What an event does"; SEMANTICS
-- sections 4 and 5); growth of the grade, suppression.
\ir lib/send.psql
\ir method.sql
SELECT plan(95);
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules() ->> 'changed';

-- An NC of fingerprint `fp`, raised by an event, taken up to `state_`. Returns its reference.
CREATE FUNCTION reach(fp text, state_ text, grade_ text DEFAULT 'minor') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.one(fp || '-0', jsonb_build_object('fp', fp, 'rule', CASE state_ WHEN 'raised' THEN 1 ELSE 0 END, 'grade', grade_)) #>> '{results,0,nc}';
  ca text;
BEGIN
  IF state_ IN ('raised', 'triaged') THEN RETURN ref; END IF;
  IF state_ = 'rejected' THEN
    PERFORM say('reject', 'ina', jsonb_build_object('nc', ref, 'reason', 'no failure'));
    RETURN ref;
  END IF;
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  IF state_ = 'contained' THEN RETURN ref; END IF;
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', CASE state_ WHEN 'short' THEN 'no' ELSE 'yes' END, 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  IF state_ IN ('analysed', 'short') THEN RETURN ref; END IF;
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref, 'method', 'event_silence', 'window', '10d'));
  IF state_ IN ('planned', 'implementing') THEN RETURN ref; END IF;
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  IF state_ = 'verifying' THEN RETURN ref; END IF;
  PERFORM clock_by('11 days');
  PERFORM say('verify', 'vera', jsonb_build_object('nc', ref, 'verdict', 'effective', 'text', 'quiet'));
  RETURN ref;
END $$;
-- Sends one event and says "effect nc state cycle grade".
CREATE FUNCTION after(fp text, id_ text, more jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r jsonb := test.one(fp || id_, jsonb_build_object('fp', fp) || more) #> '{results,0}';
BEGIN
  RETURN (SELECT concat_ws(' ', r ->> 'effect', n.state, n.cycle, n.grade)
          FROM (SELECT 1) one LEFT JOIN capa.nc n ON 'NC-' || n.id = r ->> 'nc');
END $$;
CREATE FUNCTION ago(i interval) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('time', capa.now() - i) $$;

-- nothing
SELECT is(after('n', '0', '{"effect":"pass"}'), 'none', 'a pass without an NC does nothing');
SELECT is(after('n', '1', ago('20 min')), 'raised triaged 1 minor', 'a fail without an NC raises one, however late');
SELECT is((SELECT row(first_seen < raised_at - interval '19 min', aware_at >= first_seen + interval '20 min', raised_by)::text FROM capa.nc WHERE id = 1),
  '(t,t,"rule backup-failed")', 'seen when it was observed, aware when it was received');
SELECT is((SELECT row(requirement, found, owner, controls, asset, source_kind)::text FROM capa.nc WHERE id = 1),
  '(A.8.13,"exit code 1",ops,{A.8.13},db01,monitoring)', 'the rule fills in all it can');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'nc.raised')::int, 1, 'nc.raised is journalled');
SELECT is((SELECT b.body::jsonb #>> '{data,nc,occurrences}' FROM capa.journal JOIN capa.journal_body b USING (seq) WHERE topic = 'nc.raised'), '1', 'and counts the raising event');
SELECT is((SELECT row(role, eventno IS NOT NULL, sha256 = encode(sha256(body), 'hex'))::text FROM capa.evidence JOIN capa.evidence_body USING (sha256) WHERE nc = 1), '(raised,t,t)', 'its bytes are evidence at once');

-- open states before verifying: an occurrence, whatever the time; a pass is evidence; nothing moves but by proof of the correction
SELECT is(state(reach(s, s, g)), s, s || ' is reached')
  FROM (VALUES ('raised', 'minor'), ('triaged', 'minor'), ('contained', 'minor'), ('analysed', 'minor'), ('planned', 'major'), ('implementing', 'minor')) v(s, g);
SELECT is(after(s, 'f', '{}'), 'occurrence ' || s || ' 1 ' || g, 'a fail in ' || s || ' is an occurrence')
  FROM (VALUES ('triaged', 'minor'), ('contained', 'minor'), ('analysed', 'minor'), ('planned', 'major'), ('implementing', 'minor')) v(s, g);
SELECT is(after('raised', 'f', '{"rule":1}'), 'occurrence raised 1 minor', 'a fail in raised is an occurrence');
SELECT is(after(s, 'l', ago('20 min')), 'occurrence ' || s || ' 1 ' || g, 'a late fail in ' || s || ' is an occurrence')
  FROM (VALUES ('triaged', 'minor'), ('contained', 'minor'), ('analysed', 'minor'), ('planned', 'major'), ('implementing', 'minor')) v(s, g);
CREATE TEMPORARY TABLE before_ AS SELECT n.id, n.xmin AS row_version, (SELECT max(seq) FROM capa.journal) AS head FROM capa.nc n;
SELECT is(after('contained', 'q', '{}'), 'occurrence contained 1 minor', 'one more occurrence');
SELECT is(after('contained', 'p', '{"effect":"pass"}'), 'evidence contained 1 minor', 'and a pass when the correction is done');
SELECT is((SELECT count(*) FROM before_ b JOIN capa.nc n USING (id) WHERE n.xmin <> b.row_version)::int, 0, 'update no row of any NC');
SELECT is((SELECT max(seq) FROM capa.journal), (SELECT max(head) FROM before_), 'and write no journal');
SELECT is(capa.summary((SELECT id FROM capa.nc WHERE fingerprint = decode(test.fp('contained'), 'hex'))) ->> 'occurrences', '4', 'but are counted');
SELECT is(after('implementing', 'p', '{"effect":"pass"}'), 'evidence implementing 1 minor', 'a pass in implementing is evidence');

-- passes and the correction
SELECT is(after('triaged', 'lp', ago('20 min') || '{"effect":"pass"}'), 'evidence triaged 1 minor', 'a late pass is evidence');
SELECT is((SELECT count(*) FROM capa.evidence WHERE role = 'passed')::int, 0, 'and nothing more: the newest fail was observed after it');
SELECT is(after('triaged', 'p', '{"effect":"pass"}'), 'evidence triaged 1 minor', 'a pass while the correction is missing');
SELECT is((SELECT count(*) FROM capa.evidence WHERE role = 'passed')::int, 1, 'is kept as evidence of it');
SELECT is(after('triaged', 'p2', '{"effect":"pass"}'), 'evidence triaged 1 minor', 'a second one');
SELECT is((SELECT count(*) FROM capa.evidence WHERE role = 'passed')::int, 1, 'is counted only');
SELECT is(say('contain', 'anna', jsonb_build_object('nc', capa.nc_for(decode(test.fp('triaged'), 'hex'))::text, 'text', 'ran again', 'consequences', 'none')) ->> 'state',
  'contained', 'it proves the correction without a file');
SELECT reach('open-correction', 'triaged') IS NOT NULL;
SELECT capa.put('action', jsonb_build_object('id', 900, 'nc', capa.nc_for(decode(test.fp('open-correction'), 'hex')), 'cycle', 1, 'kind', 'correction',
  'title', 'run it again', 'owner', 'anna', 'state', 'open', 'author', 'anna', 'added_at', capa.now(), 'added_late', false)),
  capa.tell('action.added', 'test', 'CA-900', NULL, '{}'), capa.append('test') IS NOT NULL;
SELECT is(after('open-correction', 'p', '{"effect":"pass"}'), 'evidence triaged 1 minor', 'a pass while a correction is open');
SELECT is((SELECT row(a.state, a.done_by, e.role)::text FROM capa.action a JOIN capa.evidence e ON e.action = a.id
  WHERE a.nc = capa.nc_for(decode(test.fp('open-correction'), 'hex'))), '(done,system,passed)', 'completes it, with the event as evidence');

-- run by run within one batch
SELECT is(jsonb_path_query_array(test.send('[{"id":"r1","fp":"run"},{"id":"r2","fp":"run","effect":"pass"},{"id":"r3","fp":"run"},{"id":"r4","fp":"other"},{"id":"r5","fp":"run"}]'), '$[*].results[0].effect'),
  '["raised","evidence","occurrence","raised","occurrence"]', 'a fail, a pass and fails of one fingerprint go in their order');

-- verifying
SELECT matches(reach('v', 'verifying'), '^NC-', 'one in verifying');
SELECT is(after('v', 'l', ago('20 min')), 'occurrence verifying 1 minor', 'a fail observed before the last action was done, and late, condemns nothing');
SELECT is(after('v', 's', ago('2 min')), 'recurred triaged 2 minor', 'without such delay the order of receipt counts: it recurs');
SELECT is((SELECT string_agg(result, ' ') FROM capa.action WHERE nc = capa.nc_for(decode(test.fp('v'), 'hex')) AND kind <> 'correction'), 'ineffective', 'its actions were ineffective');
SELECT is((SELECT row(begun_by, base)::text FROM capa.cycle WHERE nc = capa.nc_for(decode(test.fp('v'), 'hex')) AND no = 2), '(event,triaged)', 'a new cycle, triaged');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'nc.recurred')::int, 1, 'nc.recurred is journalled');
SELECT is((SELECT count(*) FROM capa.evidence WHERE role = 'recurred' AND cycle = 2 AND eventno IS NOT NULL)::int, 1, 'with the event as evidence');
SELECT is(after('v', 'n', '{}'), 'occurrence triaged 2 minor', 'the next fail is an occurrence of the new cycle');
SELECT matches(reach('v2', 'verifying'), '^NC-', 'another in verifying');
SELECT is(jsonb_path_query_array(test.send(jsonb_build_array(jsonb_build_object('id', 'v21', 'fp', 'v2') || ago('20 min'), '{"id":"v22","fp":"v2"}'::jsonb, '{"id":"v23","fp":"v2"}'::jsonb)), '$[*].results[0].effect'),
  '["occurrence","recurred","occurrence"]', 'within one batch: late, then not, then more');
SELECT matches(reach('v3', 'verifying', 'major'), '^NC-', 'a major one waits for its approval');
SELECT say('approve', 'pia', jsonb_build_object('ref', 'NC-' || capa.nc_for(decode(test.fp('v3'), 'hex')))) ->> 'state' IS NOT NULL;

-- closed by verdict
SELECT is(state(reach('c', 'closed')), 'closed', 'one closed by verdict');
SELECT is(after('c', 'p', '{"effect":"pass"}'), 'evidence closed 1 minor', 'a pass of it is evidence');
SELECT is(after('c', 'l', ago('20 min')), 'occurrence closed 1 minor', 'a late fail condemns nothing');
SELECT is(capa.summary(capa.nc_for(decode(test.fp('c'), 'hex'))) ->> 'occurrences', '2', 'but is counted');
SELECT is(after('c', 'f', '{}'), 'reopened triaged 2 major', 'a fail reopens it, one grade up');
SELECT is((SELECT string_agg(result, ' ') FROM capa.action WHERE nc = capa.nc_for(decode(test.fp('c'), 'hex')) AND kind <> 'correction'), 'ineffective', 'its actions were ineffective');
SELECT is((SELECT row(ended_as, ended_how)::text FROM capa.cycle WHERE nc = capa.nc_for(decode(test.fp('c'), 'hex')) AND no = 1), '(closed,verdict)', 'the earlier closure is kept');
SELECT is((SELECT short_barred FROM capa.cycle WHERE nc = capa.nc_for(decode(test.fp('c'), 'hex')) AND no = 2), false, 'the short way is not barred');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'nc.reopened')::int, 1, 'nc.reopened is journalled');
SELECT is(state(reach('c2', 'closed')), 'closed', 'another closed by verdict');
SELECT clock_by('364 days');
SELECT is(after('c2', 'f', '{"grade":"critical"}'), 'reopened triaged 2 critical', 'within 365 days, by a worse event: its grade');
SELECT is(state(reach('c3', 'closed')), 'closed', 'a third');
SELECT clock_by('366 days');
SELECT is(after('c3', 'f', '{}'), 'raised triaged 1 minor', 'after 365 days a new NC');
SELECT is((SELECT recurrence_of FROM capa.nc WHERE id = capa.nc_for(decode(test.fp('c3'), 'hex'))),
  (SELECT min(id) FROM capa.nc WHERE fingerprint = decode(test.fp('c3'), 'hex')), 'that names the old one');

-- closed the short way
SELECT is(state(reach('s', 'short')), 'closed', 'one closed the short way');
SELECT is(after('s', 'l', ago('20 min')), 'occurrence closed 1 minor', 'a late fail condemns nothing');
SELECT is(after('s', 'f', '{}'), 'reopened triaged 2 minor', 'a fail reopens it, same grade');
SELECT is((SELECT short_barred FROM capa.cycle WHERE nc = capa.nc_for(decode(test.fp('s'), 'hex')) AND no = 2), true, 'and the short way is barred');

-- rejected
SELECT is(state(reach('j', 'rejected')), 'rejected', 'one rejected');
SELECT is(after('j', 'f', '{}'), 'suppressed rejected 1 minor', 'a fail is counted as suppressed');
SELECT is(after('j', 'p', '{"effect":"pass"}'), 'none', 'a pass does nothing');
SELECT clock_by('29 days');
SELECT is(after('j', 'g', '{}'), 'suppressed rejected 1 minor', 'still on day 29');
SELECT clock_by('2 days');
SELECT is(after('j', 'h', '{}'), 'raised triaged 1 minor', 'then it raises again');
SELECT is((SELECT recurrence_of IS NOT NULL FROM capa.nc WHERE id = capa.nc_for(decode(test.fp('j'), 'hex'))), true, 'with its history');
SELECT is(state(reach('k', 'rejected')), 'rejected', 'another rejected');
SELECT test.rules('{"rules":[{"id":"backup-failed","hash":"h0-new","controls":["A.8.13"],"owner":"ops","triaged":true},{"id":"disk-full","hash":"h1"}]}', 'b') ->> 'version';
SELECT is(test.send('[{"id":"k1","fp":"k"}]', NULL, 'a') #>> '{0,results,0,effect}', 'suppressed', 'suppression is pinned to the rule''s hash');
SELECT is(test.send('[{"id":"k2","fp":"k"}]', NULL, 'b') #>> '{0,results,0,effect}', 'raised', 'it ends when the rule changes');
SELECT throws_ok($$SELECT test.send('[{"id":"k3","fp":"k"}]', NULL, 'c')$$, 'CA005', 'The rules cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc were never loaded into the register.', 'unknown rules are said');

-- merged
SELECT reach('m1', 'triaged') IS NOT NULL, reach('m2', 'triaged') IS NOT NULL;
SELECT capa.put('nc', (SELECT to_jsonb(n) || jsonb_build_object('state', 'merged', 'merged_into', capa.nc_for(decode(test.fp('m2'), 'hex')))
  FROM capa.nc n WHERE n.id = capa.nc_for(decode(test.fp('m1'), 'hex')))), capa.tell('nc.changed', 'test', NULL, NULL, '{}'), capa.append('test') IS NOT NULL;
SELECT is(test.one('m1x', '{"fp":"m1"}') #>> '{results,0,nc}', (SELECT 'NC-' || id FROM capa.nc WHERE fingerprint = decode(test.fp('m2'), 'hex')), 'a fail of a merged one goes to its target');
SELECT is(test.one('m1y', '{"fp":"m1","effect":"pass"}') #>> '{results,0,effect}', 'none', 'a pass of it proves nothing of the target, whose own fingerprint is another');

-- grade: only above every grade that the rule gave before
SELECT is(after('g', '0', '{"grade":"minor"}'), 'raised triaged 1 minor', 'raised minor');
SELECT is(after('g', '1', '{"grade":"observation"}'), 'occurrence triaged 1 minor', 'a milder event lowers nothing');
SELECT is(after('g', '2', '{"grade":"critical"}'), 'occurrence triaged 1 critical', 'a worse one raises the grade');
SELECT is(after('g', '3', '{"grade":"minor"}'), 'occurrence triaged 1 critical', 'which stays');
SELECT is(after('h', '0', '{"grade":"major"}'), 'raised triaged 1 major', 'raised major');
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"grade":"minor","grade_decided":true}' FROM capa.nc n WHERE n.id = capa.nc_for(decode(test.fp('h'), 'hex')))),
  capa.tell('nc.changed', 'test', NULL, NULL, '{}'), capa.append('test') IS NOT NULL;
SELECT is(after('h', '1', '{"grade":"major"}'), 'occurrence triaged 1 minor', 'a decided grade stands against what the rule gave before');
SELECT is(after('h', '2', '{"grade":"critical"}'), 'occurrence triaged 1 critical', 'but not against worse');
-- growth: three within 7 days
SELECT is(after('w', '0', '{"rule":1}'), 'raised raised 1 minor', 'the first');
SELECT is(after('w', '1', '{"rule":1}'), 'occurrence raised 1 minor', 'the second');
SELECT clock_by('8 days');
SELECT is(after('w', '2', '{"rule":1}'), 'occurrence raised 1 minor', 'the third, but not within 7 days');
SELECT is(after('w', '3', '{"rule":1}'), 'occurrence raised 1 minor', 'the second within 7 days');
SELECT is(after('w', '4', '{"rule":1}'), 'occurrence raised 1 major', 'the third within 7 days: major');
SELECT is(test.send('[{"id":"y1","fp":"y","rule":1},{"id":"y2","fp":"y","rule":1},{"id":"y3","fp":"y","rule":1}]') #>> '{2,results,0,effect}', 'occurrence', 'three in one batch');
SELECT is((SELECT row(grade, grade_by_rule)::text FROM capa.nc WHERE fingerprint = decode(test.fp('y'), 'hex')), '(major,major)', 'are three as well');
SELECT * FROM finish();
