-- The main line of each grade from raised to closed, the states on the way, and what is missing in each (PRODUCT, "What each
-- grade needs").
\ir method.sql
SELECT plan(53);
SELECT clock_to('2026-01-05 09:00Z');

-- minor, need = yes, no approval by policy
SELECT is(say('raise', 'rita', '{"title":"Backup of db01 failed"}') ->> 'state', 'raised', 'anyone reports in one line');
SELECT is(facts_missing('NC-1'), 'triage owner requirement', 'what triage lacks: the title says what was found');
SELECT is(say('triage', 'ina', '{"nc":"NC-1","grade":"minor","owner":"anna","controls":["A.8.13"],"statement":"exit 1"}') ->> 'state',
          'triaged', 'graded, owned, stated');
SELECT is(facts_missing('NC-1'), 'correction consequences', 'what containment lacks');
SELECT is(say('contain', 'anna', '{"nc":"1","text":"ran it by hand","consequences":"one day lost","evidence":[{"name":"/tmp/x/log.txt","frame":0}]}',
              ARRAY['exit 0'::bytea]) ->> 'state', 'contained', 'corrected with evidence and consequences');
SELECT is((SELECT row(name, sha256, size)::text FROM capa.evidence WHERE id = 1),
          (SELECT row('log.txt', encode(sha256('exit 0'), 'hex'), 6)::text), 'the file is kept under its hash, without its folder');
SELECT is(facts_missing('NC-1'), 'cause similar elsewhere need', 'what analysis lacks');
SELECT is(say('cause', 'anna', '{"nc":"NC-1","text":"nobody watches the disk","category":"monitoring"}') ->> 'cause', '1', 'causes are numbered');
SELECT is(facts_missing('NC-1'), 'elsewhere need', 'the search for similar ones ran with the cause');
SELECT do_('similar', 'anna', '{"nc":"NC-1","elsewhere":"no"}');
SELECT is(say('need', 'anna', '{"nc":"NC-1","need":"yes","reason":"it will fill again"}') ->> 'state', 'analysed', 'need decided');
SELECT is(facts_missing('NC-1'), 'action criterion', 'what the plan lacks');
SELECT is(say('action.add', 'anna', '{"nc":"NC-1","title":"watch the disk","owner":"bob","due":"30d"}') ->> 'action', 'CA-2', 'an action');
SELECT is(facts_missing('NC-1'), 'expected criterion', 'which says what result is expected');
SELECT do_('action.change', 'anna', '{"action":"CA-2","expect":"alarm at 80 %"}');
SELECT is(say('criterion', 'anna', '{"nc":"NC-1","method":"manual","text":"fill a disk and see","window":"10d"}') ->> 'state', 'implementing',
          'a minor plan needs no approval by this policy');
SELECT is((SELECT capa.record_of(1, 1, 'criterion') ->> 'weak'), 'true', 'a window shorter than the policy''s is weak');
SELECT is(facts_missing('NC-1'), 'actions_ended', 'what implementing lacks');
SELECT is(refusal('action.done', 'bob', '{"action":"CA-2"}'), 'CA001 CA-2 has no evidence that it was done.', 'done needs evidence');
SELECT is(say('action.start', 'bob', '{"action":"CA-2"}') ->> 'state', 'implementing', 'start is optional and moves nothing');
SELECT is(say('action.done', 'bob', '{"action":"CA-2","evidence":[{"url":"https://wiki.example.org/alarm"}]}') ->> 'state', 'verifying', 'done');
SELECT is(facts_missing('NC-1'), 'window isms risk', 'what verifying lacks');
SELECT matches(refusal('verify', 'vera', '{"nc":"NC-1","verdict":"effective","text":"alarm came"}'), '^CA001 NC-1 cannot be judged effective yet: the window is open until 2026-01-15T17:00',
  'effective only after the window');
SELECT clock_to('2026-01-15 17:00:01Z');
SELECT is(facts_missing('NC-1'), 'verdict_or_proof isms risk', 'after it the verdict is missing');
SELECT is(say('verify', 'vera', '{"nc":"NC-1","verdict":"effective","text":"alarm came","isms":"none"}') ->> 'state', 'verifying', 'risk not decided yet');
SELECT is(say('risk', 'anna', '{"nc":"NC-1","risk":"R-7"}') ->> 'state', 'closed', 'closed');
SELECT is((SELECT row(closed_how, closed_by)::text FROM capa.nc WHERE id = 1), '(verdict,vera)', 'how and by whom');
SELECT is((SELECT result FROM capa.action WHERE id = 2), 'effective', 'its action proved effective');
SELECT is((SELECT string_agg(DISTINCT topic, ' ' ORDER BY topic) FROM capa.journal WHERE topic NOT LIKE 'sys.%' AND topic NOT LIKE 'deadline.%'),
  'action.added action.changed action.done config.loaded nc.changed nc.closed nc.raised', 'what was published');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 1 AND met_at IS NULL AND void_at IS NULL), 0::bigint, 'no deadline runs on');

-- major: approval by another, isms and risk by a person
SELECT is(say('raise', 'rita', '{"title":"No restore test","grade":"major","owner":"anna","controls":"A.8.13","statement":"none in a year"}') ->> 'state',
  'triaged', 'raised with all of triage');
SELECT do_('contain', 'anna', '{"nc":2,"not_applicable":"nothing to correct","consequences":"none known"}');
SELECT do_('cause', 'anna', '{"nc":2,"text":"no owner","category":"management"}');
SELECT do_('similar', 'anna', '{"nc":2,"elsewhere":"also db02"}');
SELECT is(say('need', 'anna', '{"nc":2,"need":"no","reason":"it is only a test"}') ->> 'state', 'analysed', 'major has no short way');
SELECT is(facts_missing('NC-2'), 'action criterion', 'it needs a plan whatever was decided');
SELECT do_('need', 'anna', '{"nc":2,"need":true,"reason":"it is required"}');
SELECT do_('action.add', 'anna', '{"nc":2,"title":"plan tests","owner":"bob","due":"2026-02-27","expect":"one a quarter"}');
SELECT is(say('criterion', 'ina', '{"nc":2,"method":"manual","text":"look at two tests"}') ->> 'state', 'planned', 'it waits for approval');
SELECT is((SELECT row(kind, authors, state)::text FROM capa.request WHERE nc = 2), '(plan,"{anna,ina}",open)', 'its request opened by itself');
SELECT is(say('approve', 'pia', '{"ref":"NC-2"}') ->> 'state', 'implementing', 'approved');
SELECT do_('action.done', 'bob', '{"action":"CA-3","evidence":[{"url":"https://wiki.example.org/t"}]}');
SELECT clock_by('61 days');
SELECT do_('verify', 'vera', '{"nc":2,"verdict":"effective","text":"two tests seen"}');
SELECT is(facts_missing('NC-2'), 'isms risk', 'isms and risk are each decided before closing');
SELECT do_('isms', 'anna', '{"nc":2,"isms":"ISMS-4"}');
SELECT is(say('risk', 'anna', '{"nc":2,"risk":"none"}') ->> 'state', 'closed', 'closed');

-- observation: need and an action with evidence
SELECT is(say('raise', 'rita', '{"title":"Labels are old","grade":"observation","owner":"anna","controls":"A.5.13","statement":"seen on 3 boxes"}') ->> 'state',
  'contained', 'an observation needs no correction');
SELECT is(say('need', 'anna', '{"nc":3,"need":"yes","reason":"cheap"}') ->> 'state', 'analysed', 'only the need');
SELECT is(say('action.add', 'anna', '{"nc":3,"title":"new labels","owner":"bob","due":"10d"}') ->> 'state', 'implementing', 'an action is a plan');
SELECT is(say('action.done', 'bob', '{"action":"CA-4","evidence":[{"url":"https://wiki.example.org/l"}]}') ->> 'state', 'closed',
  'closed by the evidence of the action');
SELECT is((SELECT row(closed_how, closed_by)::text FROM capa.nc WHERE id = 3), '(evidence,system)', 'by evidence');

-- ofi: the benefit
SELECT do_('raise', 'rita', '{"title":"One console","grade":"ofi","owner":"anna","controls":"A.8.16","statement":"two are in use"}');
SELECT do_('need', 'anna', '{"nc":4,"need":"yes","reason":"saves time"}');
SELECT do_('action.add', 'anna', '{"nc":4,"title":"merge","owner":"bob","due":"10d","kind":"improvement"}');
SELECT is(say('action.done', 'bob', '{"action":"CA-5","evidence":[{"url":"https://wiki.example.org/c"}]}') ->> 'state', 'verifying', 'an OFI shows its benefit');
SELECT is(facts_missing('NC-4'), 'benefit', 'which is missing');
SELECT is(say('verify', 'vera', '{"nc":4,"verdict":"effective","text":"an hour a week","evidence":[{"name":"h.csv","frame":0}]}', ARRAY['1'::bytea]) ->> 'state',
  'closed', 'shown');

-- what a rule raised: its grade is a proposal until somebody triages it
SELECT is((SELECT state(by_rule('{"rule":"r9","triaged":false}'))), 'raised', 'a rule that is not "triaged" leaves it raised');
SELECT is(say('show', 'ina', '{"ref":5}') #>> '{missing,0,sentence}', 'nobody has triaged it: its rule says minor', 'and says why');
SELECT is(say('assign', 'ina', '{"ref":5,"owner":"bert"}') ->> 'state', 'raised', 'an owner is not a triage');
SELECT is(say('triage', 'ina', '{"nc":5,"owner":"anna"}') ->> 'state', 'triaged', 'who triages takes the rule''s grade');
SELECT do_('reject', 'ina', '{"nc":5,"reason":"r"}');

-- passes prove a minor NC without a person, silence never does
SELECT is(by_rule('{}'), 'NC-6', 'a rule raised one');
SELECT do_('contain', 'anna', '{"nc":6,"not_applicable":"gone","consequences":"none"}');
SELECT do_('cause', 'anna', '{"nc":6,"text":"t","category":"technology"}');
SELECT do_('similar', 'anna', '{"nc":6,"elsewhere":"no"}');
SELECT do_('similar', 'anna', '{"nc":6,"conclude":"not the same"}');
SELECT do_('need', 'anna', '{"nc":6,"need":"yes","reason":"r","isms":"none","risk":"none"}');
SELECT do_('action.add', 'anna', '{"nc":6,"title":"t","owner":"bob","due":"10d","expect":"e"}');
SELECT do_('criterion', 'anna', '{"nc":6,"method":"pass_count","passes":2,"window":"5d"}');
SELECT do_('action.done', 'bob', '{"action":"CA-6","evidence":[{"url":"https://wiki.example.org/c"}]}');
SELECT event('NC-6', 'p');
SELECT clock_by('12 days');
SELECT is(say('note', 'anna', '{"ref":"NC-6","text":"one pass so far"}') ->> 'state', 'verifying', 'one pass of two');
SELECT event('NC-6', 'p');
SELECT is(say('note', 'anna', '{"ref":"NC-6","text":"two"}') ->> 'state', 'closed', 'proved by events');
SELECT is((SELECT row(closed_how, closed_by)::text FROM capa.nc WHERE id = 6), '(evidence,system)', 'by the system, with evidence');
SELECT is((SELECT string_agg(role, ' ') FROM capa.evidence WHERE nc = 6 AND kind = 'event'), 'passed passed', 'the passes that proved it are kept as evidence');
SELECT * FROM finish();
