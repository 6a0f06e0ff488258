-- Nobody does alone, and who is barred from verifying (PRODUCT; SEMANTICS section 6, "Requests"): no self-approval by any path.
\ir method.sql
SELECT plan(74);
SELECT clock_to('2026-01-05 09:00Z');

-- An NC of a grade up to `planned`; the plan is written by anna (action) and ina (criterion), the action is bob's.
CREATE FUNCTION planned(grade_ text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  nc text := say('raise', 'rita', jsonb_build_object('title', 't', 'grade', grade_, 'owner', 'anna', 'controls', 'A.8.13', 'statement', 's')) ->> 'ref';
BEGIN
  PERFORM say('contain', 'carl', jsonb_build_object('nc', nc, 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', nc, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'elsewhere', 'no', 'conclude', 'not the same'));
  PERFORM say('need', 'anna', jsonb_build_object('nc', nc, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  PERFORM say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'act', 'owner', 'bob', 'due', '30d', 'expect', 'e'));
  PERFORM say('criterion', 'ina', jsonb_build_object('nc', nc, 'method', 'manual', 'text', 'look', 'window', '10d'));
  RETURN nc;
END $$;
CREATE FUNCTION ca(nc text) RETURNS text LANGUAGE sql AS $$
  SELECT 'CA-' || max(a.id) FROM capa.action a WHERE 'NC-' || a.nc = ca.nc AND a.kind <> 'correction' AND a.state <> 'cancelled'
$$;

-- plan
SELECT is(planned('major'), 'NC-1', 'a plan waits for approval');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who wrote its action');
SELECT matches(refusal('approve', 'ina', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who fixed its criterion');
SELECT matches(refusal('approve', ' ANNA', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not under another spelling');
SELECT matches(refusal('approve', U&'\FF21nna\00A0', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not in other letters of the same name');
SELECT matches(refusal('approve', 'x', jsonb_build_object('ref', 'NC-1', 'actor', U&'an\200Bna')), '^CA003 "actor" is no name: it has characters that are not seen', 'not behind what is not seen');
SELECT matches(refusal('assign', 'anna', jsonb_build_object('ref', 'NC-1', 'owner', U&'bo\202Eb')), '^CA003 "owner" is no name', 'nobody owns under a name that hides something');
SELECT do_('assign', 'olga', '{"ref":"CA-2","owner":"bill"}');
SELECT matches(refusal('approve', 'olga', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who changed its owner');
SELECT do_('action.add', 'otto', '{"nc":1,"title":"more","owner":"bob","due":"20d","expect":"e"}');
SELECT do_('action.cancel', 'omar', '{"action":"CA-3","reason":"r"}');
SELECT matches(refusal('approve', 'otto', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who wrote an action that was cancelled');
SELECT matches(refusal('approve', 'omar', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who cancelled one');
SELECT do_('retract', 'anna', '{"ref":"NC-1","fact":"criterion","reason":"r"}');
SELECT do_('criterion', 'anna', '{"nc":1,"method":"manual","text":"x","window":"10d"}');
SELECT matches(refusal('approve', 'ina', '{"ref":"NC-1"}'), '^CA001 You are an author', 'not by who wrote what was retracted');
SELECT matches(refusal('approve', 'pia', '{"ref":"NC-1"}', NULL, '{owner,auditor}'), '^CA004 approve needs one of the roles approver', 'not without the role');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'implementing', 'by another person');

-- any change voids it
SELECT is(say('action.change', 'anna', '{"action":"CA-2","expect":"more"}') ->> 'state', 'planned', 'another expected result voids the approval');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'implementing', 'approved again');
SELECT is(say('assign', 'anna', '{"ref":"CA-2","owner":"bob"}') ->> 'state', 'planned', 'another owner of an action does');
SELECT do_('approve', 'pia', '{"ref":"NC-1"}');
SELECT is(say('criterion', 'anna', '{"nc":1,"method":"manual","text":"y","window":"10d"}') ->> 'state', 'planned', 'another criterion does');
SELECT do_('approve', 'pia', '{"ref":"NC-1"}');
SELECT is(say('action.add', 'anna', '{"nc":1,"title":"late one","owner":"bob","due":"20d","expect":"e"}') ->> 'state', 'planned', 'another action does');
SELECT is((SELECT added_late FROM capa.action ORDER BY id DESC LIMIT 1), true, 'which counts as added late');
SELECT do_('approve', 'pia', '{"ref":"NC-1"}');
SELECT is(say('note', 'anna', '{"ref":"CA-2","text":"half done"}') ->> 'state', 'implementing', 'a note does not');
SELECT is(say('evidence.add', 'anna', '{"ref":"CA-2","evidence":[{"url":"https://example.org"}]}') ->> 'state', 'implementing', 'nor evidence');
SELECT is(say('action.start', 'bob', '{"action":"CA-2"}') ->> 'state', 'implementing', 'nor progress');
SELECT is(say('action.add', 'anna', '{"nc":1,"title":"instead","owner":"bob","replaces":"CA-2","expect":"e"}') ->> 'state', 'planned', 'a replacement does');
SELECT is((SELECT row(n.due = o.due, n.due_original = o.due_original, n.added_late, o.state)::text FROM capa.action n JOIN capa.action o ON o.id = n.replaces),
          '(t,t,f,cancelled)', 'but it inherits the dates of what it replaces');
SELECT is((SELECT count(*) FROM capa.request WHERE nc = 1 AND state = 'open'), 1::bigint, 'one plan waits at a time');
SELECT is(say('refuse', 'pia', '{"ref":"NC-1","reason":"too thin"}') ->> 'state', 'planned', 'a refused plan waits');
SELECT is((SELECT count(*) FROM capa.request WHERE nc = 1 AND state = 'open'), 0::bigint, 'and is not asked for again as it is');

-- extension
SELECT is(planned('minor'), 'NC-2', 'a minor one');
SELECT do_('extend', 'bob', jsonb_build_object('ref', ca('NC-2'), 'to', '60d', 'reason', 'r'));
SELECT matches(refusal('approve', 'bob', jsonb_build_object('ref', ca('NC-2'))), '^CA001 You are an author', 'not the own extension');
SELECT is(say('approve', 'eva', jsonb_build_object('ref', ca('NC-2'))) ->> 'state', 'implementing', 'another person''s');

SELECT do_('extend', 'bob', jsonb_build_object('ref', ca('NC-2'), 'to', '70d', 'reason', 'r'));
SELECT do_('extend', 'bob', '{"ref":"NC-2","to":"200d","deadline":"act","reason":"r"}');
SELECT matches(refusal('approve', 'eva', '{"ref":"NC-2"}'), '^CA001 NC-2 has several open requests', 'two extensions');
SELECT do_('approve', 'eva', '{"ref":"NC-2","what":"extension"}');
SELECT is((SELECT string_agg(ref, ' ') FROM capa.request WHERE nc = 2 AND state = 'open'), ca('NC-2'), 'the NC''s own was meant');
SELECT do_('refuse', 'eva', jsonb_build_object('ref', ca('NC-2'), 'reason', 'no'));

-- verifying
SELECT do_('assign', 'ina', '{"ref":"NC-2","owner":"nora"}');
SELECT do_('assign', 'nora', jsonb_build_object('ref', ca('NC-2'), 'owner', 'zoe'));
SELECT do_('action.done', 'zoe', jsonb_build_object('action', ca('NC-2'), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT clock_by('30 days');
SELECT matches(refusal('verify', who, '{"nc":2,"verdict":"effective","text":"t"}'), '^CA001 You may not verify NC-2: ' || who || ' ' || why, who || ' is barred')
FROM (VALUES ('nora', 'owns NC-2'), ('anna', 'owned NC-2'), ('zoe', 'owns CA-'), ('bob', 'owned CA-'), ('ina', 'wrote the plan'),
             ('eva', 'approved an extension'), ('Zoe', 'owns CA-')) AS b(who, why);
SELECT matches(refusal('verify', 'anna', '{"nc":2,"verdict":"not_effective","text":"t"}'), '^CA001 You may not', 'from any verdict');
SELECT matches(refusal('verify', 'vera', '{"nc":2,"verdict":"effective","text":"t"}', NULL, '{owner}'), '^CA004', 'and nobody verifies without the role');
SELECT is(say('verify', 'carl', '{"nc":2,"verdict":"effective","text":"t"}') ->> 'state', 'closed', 'who made the correction is not barred');

-- short closings
CREATE FUNCTION short(who text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  nc text := say('raise', 'rita', '{"title":"t","grade":"observation","owner":"anna","controls":"A.8.13","statement":"s"}') ->> 'ref';
BEGIN
  RETURN say('need', who, jsonb_build_object('nc', nc, 'need', 'no', 'reason', 'trifle'));
END $$;
SELECT is((SELECT row(r ->> 'state', (SELECT count(*) FROM capa.request WHERE kind = 'short_closing'))::text FROM short('ina') r), '(closed,0)', 'decided by another: closed');
SELECT is((SELECT row(r ->> 'ref', r ->> 'state')::text FROM short('anna') r), '(NC-4,closed)', 'decided by its owner: closed');
SELECT is((SELECT row(nc, state)::text FROM capa.request WHERE kind = 'short_closing'), '(4,open)', 'and waits for confirmation');
SELECT matches(refusal('confirm', 'anna', '{"nc":"NC-4"}') || refusal('approve', 'anna', '{"ref":"NC-4"}'), 'CA001.*CA001', 'not by the owner');
SELECT is(say('confirm', 'pia', '{}') -> 'confirmed', '["NC-4"]', 'one command confirms the list');
SELECT is((SELECT row(r ->> 'ref', r ->> 'state')::text FROM short('anna') r), '(NC-5,closed)', 'another one');
SELECT is(say('refuse', 'pia', '{"ref":"NC-5","reason":"it is not"}') ->> 'state', 'contained', 'refused: the need is open again');
SELECT is((SELECT row(cycle, closed_at)::text FROM capa.nc WHERE id = 5), '(1,)', 'in the same cycle');
SELECT do_('assign', 'anna', '{"ref":"NC-5","owner":"bob"}');
SELECT do_('need', 'anna', '{"nc":5,"need":"no","reason":"trifle"}');
SELECT is((SELECT row(authors, state)::text FROM capa.request WHERE nc = 5 ORDER BY id DESC LIMIT 1), '("{anna,bob}",open)', 'giving it away first changes nothing');

-- grades and rejection
SELECT is(planned('major'), 'NC-6', 'a major one');
SELECT do_('regrade', 'anna', '{"nc":6,"to":"minor","reason":"r"}');
SELECT is((SELECT grade FROM capa.nc WHERE id = 6), 'major', 'a grade is not lowered alone');
SELECT matches(refusal('approve', 'pia', '{"ref":"NC-6"}'), '^CA001 NC-6 has several open requests', 'with several requests the kind is named');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-6","what":"regrade"}'), '^CA001 You are an author', 'nor by its author');
SELECT do_('approve', 'pia', '{"ref":"NC-6","what":"regrade"}');
SELECT is((SELECT grade FROM capa.nc WHERE id = 6), 'minor', 'approved');
SELECT is(say('triage', 'anna', '{"nc":6,"grade":"observation"}') -> 'nc' ->> 'grade', 'minor', 'triage is no way around');
SELECT is(say('regrade', 'anna', '{"nc":6,"to":"critical","reason":"r"}') -> 'nc' ->> 'grade', 'critical', 'up is at once');
SELECT isnt(say('reject', 'anna', '{"nc":6,"reason":"r"}') ->> 'state', 'rejected', 'what is major is not rejected alone');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-6","what":"rejection"}'), '^CA001 You are an author', 'nor by its author');
SELECT is(say('approve', 'pia', '{"ref":"NC-6","what":"rejection"}') ->> 'state', 'rejected', 'but by two');

-- a team stands for its people
SELECT is(api.load('people', repeat('a', 64), '{"people":{},"teams":{"db-team":{"lead":"lea","members":["mia"]}},"roles":{"risk_owner":["rolf"],"isms_manager":"ina"}}', 'tests') ->> 'changed', 'true', 'people are loaded');
SELECT do_('raise', 'rita', '{"title":"t","grade":"observation","owner":"db-team","controls":"A.8.13","statement":"s"}');
SELECT do_('need', 'mia', '{"nc":7,"need":"no","reason":"trifle"}');
SELECT is((SELECT row(authors, state)::text FROM capa.request WHERE nc = 7), '("{mia,db-team}",open)', 'its member decided as owner');
SELECT is(refusal('confirm', 'lea', '{"nc":7}') LIKE 'CA001%', true, 'its lead may not confirm');
SELECT is(capa.same_person('Rolf', 'risk_owner') AND capa.same_person('ina', 'isms_manager') AND NOT capa.same_person('lea', 'risk_owner'), true, 'a role stands for who holds it');
-- cancelled first, replaced later: the dates stick all the same, and once
SELECT is(planned('minor'), 'NC-8', 'one more');
CREATE FUNCTION pg_temp.last_action() RETURNS text LANGUAGE sql AS $$ SELECT 'CA-' || max(id) FROM capa.action $$;
CREATE TEMP TABLE dropped AS SELECT ca('NC-8') AS ref;
SELECT do_('action.cancel', 'anna', jsonb_build_object('action', (SELECT ref FROM dropped), 'reason', 'too dear'));
SELECT clock_to(capa.now() + interval '3 days');
SELECT is(refusal('action.add', 'anna', jsonb_build_object('nc', 8, 'title', 'later', 'owner', 'bob', 'due', '2036-01-01', 'expect', 'e',
  'replaces', (SELECT ref FROM dropped))) LIKE 'CA001 What replaces % keeps its due date%', true, 'a later date is not smuggled in');
SELECT isnt(say('action.add', 'anna', jsonb_build_object('nc', 8, 'title', 'cheaper', 'owner', 'bob', 'expect', 'e',
  'replaces', (SELECT ref FROM dropped))), NULL, 'what was cancelled in this cycle can be replaced');
SELECT is((SELECT row(n.due = o.due, n.due_original = o.due_original, n.added_late, o.state, o.reason)::text
  FROM capa.action n JOIN capa.action o ON o.id = n.replaces WHERE n.nc = 8), '(t,t,f,cancelled,"too dear")',
  'it inherits the dates; why the old one was cancelled stays');
SELECT is((SELECT due_original FROM capa.deadline WHERE 'CA-' || action = pg_temp.last_action()),
  (SELECT due_original FROM capa.action WHERE 'CA-' || id = (SELECT ref FROM dropped)), 'as does its deadline');
SELECT is(refusal('action.add', 'anna', jsonb_build_object('nc', 8, 'title', 'twice', 'owner', 'bob', 'expect', 'e',
  'replaces', (SELECT ref FROM dropped))), format('CA001 %s was replaced by %s already.', (SELECT ref FROM dropped), pg_temp.last_action()),
  'only once');
SELECT do_('action.done', 'bob', jsonb_build_object('action', pg_temp.last_action(), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT is(refusal('action.add', 'anna', jsonb_build_object('nc', 8, 'title', 'undone', 'owner', 'bob', 'expect', 'e',
  'replaces', pg_temp.last_action())), format('CA001 %s is done already.', pg_temp.last_action()), 'what is done is not replaced');
SELECT is(planned('minor'), 'NC-9', 'and one of an old cycle');
CREATE TEMP TABLE old_one AS SELECT ca('NC-9') AS ref;
SELECT do_('action.cancel', 'anna', jsonb_build_object('action', (SELECT ref FROM old_one), 'reason', 'r'));
SELECT capa.put('nc', to_jsonb(n) || '{"cycle":2}'), capa.tell('nc.changed', 't', 'NC-9', 9, '{}'), capa.append('t') FROM capa.nc n WHERE id = 9;
SELECT is(refusal('action.add', 'anna', jsonb_build_object('nc', 9, 'title', 'x', 'owner', 'bob', 'expect', 'e',
  'replaces', (SELECT ref FROM old_one))), format('CA001 %s is cancelled already.', (SELECT ref FROM old_one)), 'is over with its cycle');
SELECT * FROM finish();
