-- Merging, splitting, waivers, and what approving a plan warns of: each from both sides (PRODUCT "Nobody does alone", "Dates stick").
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules() ->> 'changed';
CREATE FUNCTION of_fp(fp text) RETURNS text LANGUAGE sql AS $$ SELECT 'NC-' || capa.nc_for(decode(test.fp(fp), 'hex')) $$;
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION nc(ref text) RETURNS capa.nc LANGUAGE sql AS $$ SELECT n FROM capa.nc n WHERE 'NC-' || n.id = ref $$;
CREATE FUNCTION due(ref text, kind_ text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', to_char(d.due AT TIME ZONE 'UTC', 'MM-DD'), to_char(d.due_original AT TIME ZONE 'UTC', 'MM-DD'),
                   CASE WHEN d.tightened THEN 'tightened' END, CASE WHEN d.void_at IS NOT NULL THEN 'void' WHEN d.met_at IS NOT NULL THEN 'met' END,
                   CASE WHEN d.late THEN 'late' END)
  FROM capa.deadline d WHERE 'NC-' || d.nc = ref AND d.kind = kind_ ORDER BY d.id DESC LIMIT 1
$$;
CREATE FUNCTION hand(title text, grade_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT say('raise', 'rita', jsonb_build_object('title', title, 'grade', grade_, 'owner', 'anna', 'controls', 'A.8.13', 'statement', 's') || more) ->> 'ref'
$$;

-- at once: minor, not overdue, of monitoring
SELECT is(fail('a', 'a1'), 'raised NC-1', 'one');
SELECT clock_by('3 days');
SELECT is(fail('b', 'b1'), 'raised NC-2', 'another, three days later');
SELECT is(fail('b', 'b2'), 'occurrence NC-2', 'twice');
SELECT is(due('NC-2', 'contain'), '01-22 01-22', 'the later one is due later');
SELECT matches(refusal('merge', 'anna', '{"nc":1,"into":1}'), '^CA001 NC-1 cannot be merged into itself', 'not into itself');
SELECT matches(refusal('merge', 'anna', '{"nc":1,"into":77}'), '^CA002 There is no NC-77', 'not into nothing');
SELECT matches(refusal('merge', 'anna', '{"nc":1}'), '^CA003 merge needs "into"', 'not without a target');
SELECT matches(refusal('merge', 'vera', '{"nc":1,"into":2}', NULL, '{verifier,auditor}'), '^CA004 merge needs one of the roles owner', 'not by a verifier');
SELECT matches(refusal('merge', 'anna', '{"nc":1,"into":2,"dry_run":true}'), '^CA000', 'it can be tried');
SELECT is((SELECT r ->> 'state' FROM say('merge', 'anna', '{"nc":1,"into":2,"reason":"one disk"}') r), 'merged', 'a minor one is merged at once');
SELECT is((SELECT row(merged_into, left_why, closed_by)::text FROM nc('NC-1')), '(2,"one disk",anna)', 'into which, why and by whom');
SELECT is((SELECT ended_as FROM capa.cycle WHERE nc = 1), 'merged', 'its cycle ended so');
SELECT is(due('NC-1', 'contain'), '01-19 01-19 void', 'its deadline is void');
SELECT is(due('NC-2', 'contain'), '01-19 01-19 tightened', 'the target keeps the earlier date, and the earlier original one');
SELECT is(capa.summary(2) ->> 'occurrences', '3', 'occurrences of both are told together');
SELECT is(fail('a', 'a2'), 'occurrence NC-2', 'its events go to the target');
SELECT is(fail('a', 'a3', '{"effect":"pass"}'), 'none', 'a pass of it proves nothing of the target');
SELECT is(capa.summary(2) ->> 'occurrences', '4', 'and are counted there');
SELECT is(say('show', 'anna', '{"ref":2}') ->> 'merged', '["NC-1"]', 'show names it');
SELECT matches(refusal('merge', 'anna', '{"nc":1,"into":2}'), '^CA001 NC-1 is merged into NC-2', 'it is merged once');
SELECT matches(refusal('reopen', 'anna', '{"nc":1,"reason":"r"}'), 'look there', 'and not reopened');
SELECT is(fail('c', 'c1'), 'raised NC-3', 'a third');
SELECT matches(refusal('merge', 'anna', '{"nc":3,"into":1}'), '^CA001 NC-1 was merged into NC-2 itself', 'not into a merged one: no cycles');
SELECT is(say('merge', 'anna', '{"nc":2,"into":3}') ->> 'state', 'merged', 'the target is merged in turn');
SELECT is(fail('a', 'a4'), 'occurrence NC-3', 'and all that it spoke for goes along');
SELECT is(capa.summary(3) ->> 'occurrences', '6', 'with its counts');

-- a second person: major, overdue, audit, complaint, authority
SELECT is(hand('audit finding', 'minor', '{"source_kind":"internal_audit"}'), 'NC-4', 'from an audit');
SELECT is((SELECT row(r ->> 'state', r -> 'request' ->> 'kind')::text FROM say('merge', 'anna', '{"nc":4,"into":3,"reason":"same"}') r), '(triaged,merge)', 'it waits');
SELECT matches((SELECT r -> 'request' ->> 'sentence' FROM say('merge', 'anna', '{"nc":4,"into":3,"reason":"same"}') r), '^the merging of NC-4 into NC-3 waits for approval by another person than anna: same', 'what for');
SELECT matches(refusal('approve', 'anna', '{"ref":4}'), '^CA001 You are an author', 'not for its author');
SELECT is(say('refuse', 'pia', '{"ref":4,"reason":"no"}') ->> 'state', 'triaged', 'refused it stays');
SELECT do_('merge', 'anna', '{"nc":4,"into":3}');
SELECT is(say('approve', 'pia', '{"ref":4}') ->> 'state', 'merged', 'approved it goes');
SELECT is(say('merge', 'anna', jsonb_build_object('nc', h.ref, 'into', 3)) -> 'request' ->> 'kind', 'merge', g || ' ' || x || ' waits')
  FROM (VALUES ('major', '{}'::jsonb), ('critical', '{}'), ('minor', '{"source_kind":"complaint"}'), ('minor', '{"source_kind":"authority"}'), ('minor', '{"source_kind":"external_audit"}')) v(g, x)
  CROSS JOIN LATERAL (SELECT hand('m', g, x) AS ref OFFSET 0) h;
SELECT is(hand('late one', 'minor'), 'NC-10', 'one by hand');
SELECT is(hand('not late', 'minor'), 'NC-11', 'another');
SELECT clock_by('20 days');
SELECT is(say('merge', 'anna', '{"nc":10,"into":11}') -> 'request' ->> 'kind', 'merge', 'what is overdue waits');
SELECT do_('reject', 'anna', '{"nc":11,"reason":"r"}'), do_('approve', 'pia', '{"ref":11}');
SELECT matches(refusal('approve', 'pia', '{"ref":10}'), '^CA001 NC-11 is rejected: what is open is merged into what is open', 'approved too late: the target is left');
SELECT is(state('NC-10'), 'triaged', 'nothing happened');
SELECT is(due('NC-11', 'contain'), '01-22 01-22 void late', 'rejected after the due date counts as late');
SELECT do_('merge', 'anna', '{"nc":10,"into":3}'), do_('approve', 'pia', '{"ref":10}');
SELECT is((SELECT row(state, left_why, due('NC-10', 'contain'))::text FROM nc('NC-10')), '(merged,,"01-22 01-22 void late")', 'and so does merged');

-- grade, and dates that the grade brings
SELECT clock_to('2026-03-02 09:00Z');
SELECT is(hand('observed', 'observation'), 'NC-12', 'an observation');
SELECT is(hand('minor', 'minor'), 'NC-13', 'a minor one');
SELECT is(due('NC-12', 'contain'), NULL, 'an observation has no date to contain');
SELECT clock_by('12 days');
SELECT is(say('merge', 'anna', '{"nc":13,"into":12}') ->> 'state', 'merged', 'merged');
SELECT is((SELECT grade FROM nc('NC-12')), 'minor', 'the target has the higher grade of both, at once');
SELECT is(due('NC-12', 'contain'), '03-16 03-16 tightened', 'and the date that the merged one had');
SELECT is((SELECT value ->> 'to' FROM capa.record WHERE nc = 12 AND fact = 'regrade'), 'minor', 'recorded as a regrade');
SELECT is(hand('lower', 'observation'), 'NC-14', 'a lower one');
SELECT is((SELECT r ->> 'state' FROM say('merge', 'anna', '{"nc":14,"into":12}') r), 'merged', 'merged');
SELECT is((SELECT grade FROM nc('NC-12')), 'minor', 'lowers nothing');

-- a failure is not merged into a proof that it disproves
SELECT is(fail('v', 'v1'), 'raised NC-15', 'one that goes to verifying');
SELECT do_('contain', 'anna', '{"nc":15,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}'),
       do_('cause', 'anna', '{"nc":15,"text":"why","category":"process"}'), do_('similar', 'anna', '{"nc":15,"elsewhere":"no","conclude":"others"}'),
       do_('need', 'anna', '{"nc":15,"need":"yes","reason":"r","isms":"none","risk":"none"}'),
       do_('action.add', 'anna', '{"nc":15,"title":"act","owner":"bob","due":"20d","expect":"e"}'),
       do_('criterion', 'anna', '{"nc":15,"method":"event_silence","window":"10d"}');
SELECT is(fail('w', 'w1'), 'raised NC-16', 'one before the action');
SELECT clock_by('1 hour');
SELECT do_('action.done', 'bob', jsonb_build_object('action', (SELECT 'CA-' || max(id) FROM capa.action), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT is(state('NC-15'), 'verifying', 'verifying');
SELECT clock_by('1 hour');
SELECT is(fail('x', 'x1'), 'raised NC-17', 'one after it');
SELECT matches(refusal('merge', 'anna', '{"nc":17,"into":15}'), '^CA001 NC-17 failed after the last action of NC-15 was done', 'which would hide a recurrence');
SELECT is(say('merge', 'anna', '{"nc":16,"into":15}') ->> 'state', 'merged', 'the one before may be merged');
SELECT is(fail('w', 'w2'), 'recurred NC-15', 'and a fail of it is recurrence now');

-- a finding of an issuer stays its issuer's
SELECT is(hand('from the body', 'minor', '{"source_kind":"external_audit","issuer":"Certifier","external_ref":"F-1"}'), 'NC-18', 'of an issuer');
SELECT matches(refusal('merge', 'anna', '{"nc":18,"into":12}'), '^CA001 NC-18 cannot be merged: it is a finding of Certifier', 'not merged');
SELECT matches(refusal('reject', 'anna', '{"nc":18,"reason":"r"}'), '^CA001 NC-18 cannot be rejected: it is a finding of Certifier', 'not rejected');

-- split
SELECT matches(refusal('split', 'anna', '{"nc":3,"fingerprint":"zz"}'), '^CA003 "zz" is no fingerprint', 'not a fingerprint');
SELECT matches(refusal('split', 'anna', jsonb_build_object('nc', 3, 'fingerprint', test.fp('c'))), '^CA001 That is the fingerprint of NC-3 itself', 'not its own');
SELECT matches(refusal('split', 'anna', jsonb_build_object('nc', 3, 'fingerprint', test.fp('v'))), '^CA001 NC-3 speaks for no fingerprint that begins with', 'not another''s');
SELECT clock_by('1 day');
SELECT is((SELECT row(r ->> 'ref', r ->> 'split_from', r ->> 'state')::text FROM say('split', 'anna', jsonb_build_object('nc', 3, 'fingerprint', left(test.fp('a'), 8))) r),
  '(NC-19,NC-3,triaged)', 'a merged fingerprint becomes an NC of its own');
SELECT is((SELECT row(fingerprint = decode(test.fp('a'), 'hex'), split_from, recurrence_of, aware_at > capa.now() - interval '1 minute', title, rule, owner, grade)::text FROM nc('NC-19')),
  '(t,3,,t,"Backup of db01 failed",backup-failed,ops,minor)', 'aware of it now, with texts, rule, owner and grade of the merged one');
SELECT is(fail('a', 'a9'), 'occurrence NC-19', 'its events go there');
SELECT is(fail('b', 'b9'), 'occurrence NC-3', 'the other one''s do not');
SELECT matches(refusal('split', 'anna', jsonb_build_object('nc', 3, 'fingerprint', test.fp('a'))), '^CA001 That fingerprint is spoken for by NC-19', 'once');
SELECT is((SELECT count(*) FROM capa.log WHERE nc = 3 AND sentence = 'NC-19 was split from it')::int, 1, 'the log of the old one tells it');

-- waivers: strict
SELECT is(hand('plan', 'major'), 'NC-20', 'raised under the strict policy');
CREATE FUNCTION planned_by(ref text, who text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM say('contain', who, jsonb_build_object('nc', ref, 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('cause', who, jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', who, jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others'));
  PERFORM say('need', who, jsonb_build_object('nc', ref, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  PERFORM say('action.add', who, jsonb_build_object('nc', ref, 'title', 'act', 'owner', who, 'due', '20d', 'expect', 'e'));
  PERFORM say('criterion', who, jsonb_build_object('nc', ref, 'method', 'manual', 'text', 'look', 'window', '1d'));
END $$;
SELECT planned_by('NC-20', 'anna');
SELECT matches(refusal('approve', 'anna', '{"ref":20,"waive":"there is nobody else"}'), 'cannot be waived for NC-20: the policy under which it was raised is strict', 'strict: never');
SELECT load_policy('{"sod":"waivable"}') IS NOT NULL;
SELECT matches(refusal('approve', 'anna', '{"ref":20,"waive":"there is nobody else"}'), 'raised is strict', 'the policy is pinned');
-- waivable
SELECT is(hand('plan', 'major'), 'NC-21', 'raised under the waivable policy');
SELECT planned_by('NC-21', 'anna');
SELECT matches(refusal('approve', 'anna', '{"ref":21}'), '^CA001 You are an author', 'without a reason still refused');
SELECT is((SELECT r ->> 'state' FROM say('approve', 'anna', '{"ref":21,"waive":"there is nobody else"}') r), 'implementing', 'with one it passes');
SELECT is((SELECT jsonb_path_query_array(r -> 'waivers', '$[*].use') || (r -> 'waivers' -> 0 -> 'reason') || (r -> 'waivers' -> 0 -> 'by') FROM say('show', 'anna', '{"ref":21}') r),
  '["approve", "there is nobody else", "anna"]', 'and show tells it');
SELECT do_('action.done', 'anna', jsonb_build_object('action', (SELECT 'CA-' || max(id) FROM capa.action), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT clock_by('3 days');
SELECT matches(refusal('verify', 'anna', '{"nc":21,"verdict":"effective","text":"t"}'), '^CA001 You may not verify NC-21', 'barred');
SELECT is(say('verify', 'anna', '{"nc":21,"verdict":"effective","text":"t","waive":"nobody else"}') ->> 'state', 'closed', 'waived');
SELECT is((SELECT count(*) FROM capa.record WHERE nc = 21 AND fact = 'waiver')::int, 2, 'both are counted');
SELECT is(say('status', 'anna', '{}') ->> 'waivers', '2', 'in status too');
SELECT is(hand('c', 'critical'), 'NC-22', 'a critical one');
SELECT planned_by('NC-22', 'anna');
SELECT matches(refusal('approve', 'anna', '{"ref":22,"waive":"r"}'), 'it is critical', 'never of a critical one');
SELECT is(hand('x', 'major', '{"source_kind":"external_audit"}'), 'NC-23', 'one from outside');
SELECT planned_by('NC-23', 'anna');
SELECT matches(refusal('approve', 'anna', '{"ref":23,"waive":"r"}'), 'it is a finding from outside', 'never of one from outside');
SELECT is(hand('s', 'minor'), 'NC-24', 'a short closing');
SELECT do_('contain', 'anna', '{"nc":24,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}'), do_('cause', 'anna', '{"nc":24,"text":"why","category":"process"}'),
       do_('similar', 'anna', '{"nc":24,"elsewhere":"no","conclude":"others"}'), do_('need', 'anna', '{"nc":24,"need":"no","reason":"r","isms":"none","risk":"none"}');
SELECT is(state('NC-24'), 'closed', 'by its owner');
SELECT matches(refusal('confirm', 'anna', '{"nc":24}'), 'waits for confirmation by another person than anna', 'not confirmed by the same');
SELECT is(say('confirm', 'anna', '{"nc":24,"waive":"nobody else"}') ->> 'confirmed', '["NC-24"]', 'waived');

-- who would be left to verify
SELECT is(hand('w', 'major'), 'NC-25', 'a major one');
SELECT planned_by('NC-25', 'anna');
SELECT is(say('approve', 'pia', '{"ref":25}') -> 'warnings', NULL, 'no people file: nobody is known, no warning');
SELECT is(hand('w', 'major'), 'NC-26', 'another');
SELECT planned_by('NC-26', 'anna');
SELECT api.load('people', repeat('e', 64), '{"people":{"anna":{"roles":["owner","verifier"]},"pia":{"roles":["approver"]}}}', 'test') ->> 'changed';
SELECT matches(say('approve', 'pia', '{"ref":26}') #>> '{warnings,0}', 'nobody would be left to verify NC-26: anna', 'all known verifiers are barred: it warns');
SELECT is(hand('w', 'major'), 'NC-27', 'another');
SELECT planned_by('NC-27', 'anna');
SELECT api.load('people', repeat('f', 64), '{"people":{"anna":{"roles":["owner","verifier"]},"pia":{"roles":["approver"]},"vera":{"roles":["verifier"]}}}', 'test') ->> 'changed';
SELECT is(say('approve', 'pia', '{"ref":27}') -> 'warnings', NULL, 'one is left: no warning');
-- who owned what was merged judges it nowhere
SELECT hand('merged away', 'minor', '{"owner":"zoe","controls":"A.8.13"}') AS gone \gset
SELECT hand('where it goes', 'minor', '{"owner":"anna","controls":"A.8.13"}') AS target \gset
SELECT is(capa.barred(substr(:'target', 4)::int, 1, 'zoe'), NULL, 'before the merging zoe has no part in the target');
SELECT do_('merge', 'anna', jsonb_build_object('nc', :'gone', 'into', :'target'));
SELECT is(capa.barred(substr(:'target', 4)::int, 1, 'Zoe'), format('owned %s, which was merged into it', :'gone'), 'then she has');
SELECT is(capa.barred(substr(:'target', 4)::int, 1, 'vera'), NULL, 'and nobody else');
SELECT * FROM finish();
