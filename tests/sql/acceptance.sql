-- Accepted (PRODUCT): what it needs, who may approve it, what rests and what goes on meanwhile, and every way back.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules() ->> 'changed';
CREATE FUNCTION nc(ref text) RETURNS capa.nc LANGUAGE sql AS $$ SELECT n FROM capa.nc n WHERE 'NC-' || n.id = ref $$;
CREATE FUNCTION hand(grade_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT say('raise', 'rita', jsonb_build_object('title', 't', 'grade', grade_, 'owner', 'anna', 'controls', 'A.8.13', 'statement', 's') || more) ->> 'ref'
$$;
CREATE FUNCTION contained(grade_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := hand(grade_, more);
BEGIN
  PERFORM say('contain', 'carl', jsonb_build_object('nc', ref, 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  RETURN ref;
END $$;
CREATE FUNCTION asks(ref text, until_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT refusal('accept', 'anna', jsonb_build_object('nc', ref, 'risk', 'R-7', 'until', until_, 'reason', 'cheaper') || more)
$$;
CREATE FUNCTION grants(ref text, who text DEFAULT 'rolf', roles text[] DEFAULT '{risk_owner}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT refusal('approve', who, jsonb_build_object('ref', ref) || more, NULL, roles)
$$;
CREATE FUNCTION deadline(ref text, kind_ text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', to_char(d.due AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), CASE WHEN d.void_at IS NOT NULL THEN 'void' WHEN d.met_at IS NOT NULL THEN 'met' ELSE 'open' END,
                   CASE WHEN d.late THEN 'late' END, CASE WHEN d.next_at IS NOT NULL THEN 'speaks' END)
  FROM capa.deadline d WHERE 'NC-' || d.nc = ref AND d.kind = kind_ ORDER BY d.id DESC LIMIT 1
$$;

-- what it needs
SELECT is(hand('minor'), 'NC-1', 'one that is not corrected');
SELECT matches(asks('NC-1', '30d'), '^CA001 NC-1 cannot be accepted yet, acceptance is no way round correction: no correction is recorded, nor why none applies; the consequences are not recorded', 'not without the correction');
SELECT is(contained('minor'), 'NC-2', 'one that is');
SELECT matches(refusal('accept', 'anna', '{"nc":2,"until":"30d","reason":"r"}'), '^CA003 accept needs "risk"', 'not without a risk');
SELECT matches(refusal('accept', 'anna', '{"nc":2,"risk":"R-7","reason":"r"}'), '^CA003 accept needs "until"', 'not without an end');
SELECT matches(refusal('accept', 'anna', '{"nc":2,"risk":"R-7","until":"30d"}'), '^CA003 accept needs "reason"', 'not without a reason');
SELECT matches(refusal('accept', 'vera', '{"nc":2,"risk":"R-7","until":"30d","reason":"r"}', NULL, '{verifier}'), '^CA004 accept needs one of the roles owner', 'not by a verifier');
SELECT matches(asks('NC-2', '2026-01-02'), '^CA001 An acceptance ends on a date ahead', 'not until yesterday');
SELECT matches(asks('NC-2', '190d'), '^CA001 A minor one may be accepted until 2026-07-0[0-9]T17:00:00', 'not longer than the policy says');
SELECT is(asks('NC-2', '180d', '{"dry_run":true}') LIKE 'CA000%', true, 'exactly as long it may');
SELECT is(contained('major'), 'NC-3', 'a major one');
SELECT matches(asks('NC-3', '30d'), '^CA001 NC-3 is major: to accept it takes a compensating measure', 'not without a measure');
SELECT is(asks('NC-3', '30d', '{"measure":"a guard"}'), 'OK', 'with one it is asked for');
SELECT is(contained('critical'), 'NC-4', 'a critical one');
SELECT matches(asks('NC-4', '20d'), 'takes a compensating measure', 'neither');
SELECT is(hand('observation'), 'NC-5', 'an observation needs no correction');
SELECT is(asks('NC-5', '365d'), 'OK', 'nor to be accepted');
SELECT is(contained('minor', x), 'NC-' || n, 'raised with ' || x::text) FROM (VALUES (6, '{"requirement":"9.2 internal audit","controls":"A.5.35"}'::jsonb),
  (7, '{"requirement":"ISO/IEC 27001 clause 6.1.2"}'), (8, '{"controls":["A.8.13","10.2"]}'), (9, '{"source_kind":"authority"}'), (10, '{"labels":{"legal":"x"}}'),
  (11, '{"labels":{"contract":"acme"}}'), (12, '{"requirement":"the contract with ACME"}'), (13, '{"requirement":"GDPR Art. 32"}'),
  (14, '{"requirement":"A.8.13"}'), (15, '{"requirement":"backups are taken daily"}'), (16, '{"requirement":"11.2 own rule"}')) v(n, x);
SELECT matches(asks('NC-' || n, '30d'), format('^CA001 NC-%s can never be accepted: %s', n, why), 'never: ' || why) FROM (VALUES (6, '"9.2 internal audit" is a requirement of ISO/IEC 27001 itself'),
  (7, '"ISO/IEC 27001 (clause )?6.1.2" is a requirement'), (8, '"10.2" is a requirement of ISO/IEC 27001'), (9, 'it comes from an authority'), (10, 'it is labelled legal'),
  (11, 'it is labelled contract'), (12, '"the contract with ACME" is a requirement of law or contract'), (13, '"GDPR Art. 32" is')) v(n, why);
SELECT is(asks('NC-' || n, '30d', '{"dry_run":true}') LIKE 'CA000%', true, 'a control may: NC-' || n) FROM generate_series(14, 16) n;
SELECT ok(capa.unacceptable(jsonb_populate_record(n, jsonb_build_object('controls', ARRAY[x]))) LIKE format('"%s" is a requirement of %%', x), x || ', also as a control')
FROM capa.nc n, unnest(ARRAY['cl. 6.1.3', 'NIS2 Art. 21(2)(c)', 'NIS 2 Art. 23', 'DORA Art. 5', U&'\00A7 8a BSIG', 'Directive (EU) 2022/2555']) x WHERE n.id = 14;
SELECT is(contained('minor', '{"source_kind":"external_audit","issuer":"Certifier"}'), 'NC-17', 'a finding of an issuer');
SELECT matches(asks('NC-17', '30d'), '^CA001 NC-17 cannot be accepted: it is a finding of Certifier', 'never while its issuer holds it open');
SELECT is(contained('minor', '{"source_kind":"external_audit"}'), 'NC-18', 'one of an external audit whose issuer nobody named');
SELECT matches(asks('NC-18', '30d'), '^CA001 NC-18 cannot be accepted: it is a finding from outside', 'neither');

-- who may approve it
SELECT is(asks('NC-2', '30d'), 'OK', 'asked for by anna');
SELECT is((SELECT row(kind, ref, authors, what ->> 'risk')::text FROM capa.request WHERE nc = 2), '(acceptance,NC-2,{anna},R-7)', 'a request');
SELECT is(state('NC-2'), 'contained', 'nothing is in force yet');
SELECT matches(grants('NC-2', 'pia', '{approver,isms_manager,top_management}'), '^CA001 You have not the role risk_owner', 'not without the role');
SELECT matches(grants('NC-2', 'anna'), '^CA001 You are an author', 'not its author');
SELECT do_('assign', 'ina', '{"ref":2,"owner":"rolf"}');
SELECT matches(grants('NC-2', 'rolf'), '^CA001 You own NC-2', 'not its owner');
SELECT do_('assign', 'ina', '{"ref":2,"owner":"anna"}');
SELECT matches(grants('NC-2', 'ROLF'), '^CA001 You own NC-2, or did in this cycle', 'nor who owned it before');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('approvals', w, '{}', NULL, r)) a WHERE a ->> 'ref' = 'NC-2')::int, n, format('approvals of %s (%s)', w, r))
  FROM (VALUES ('rita', '{risk_owner}'::text[], 1), ('rolf', '{risk_owner}', 0), ('pia', '{approver}', 0)) v(w, r, n);
SELECT matches(grants('NC-2', 'rolf', '{risk_owner}', '{"waive":"r"}'), 'policy under which it was raised is strict', 'not waived under a strict policy');
SELECT is(grants('NC-2', 'rita'), 'OK', 'another risk owner may');

-- while accepted
SELECT is((SELECT row(state, accepted_grade, to_char(accepted_until AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), version)::text FROM nc('NC-2')), '(accepted,minor,"02-04 17:00",6)', 'accepted until then');
SELECT is(deadline('NC-2', 'acceptance'), '02-04 17:00 open speaks', 'its expiry is a deadline, and its voice');
SELECT is(deadline('NC-2', 'plan'), '03-06 17:00 open', 'the phase goes on, its ladder rests');
SELECT is((say('status', 'anna', '{}') -> 'open' ->> 'minor')::int, 15, 'it counts as open');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('list', 'anna', '{"state":"accepted"}')))::int, 1, 'and is listed');
SELECT is((SELECT r #>> '{acceptances,0,risk}' || ' ' || (r ->> 'accepted_until') FROM say('show', 'anna', '{"ref":2}') r), 'R-7 2026-02-04T17:00:00.000000Z', 'show has its risk and its end');
SELECT is(say('cause', 'anna', '{"nc":2,"text":"why","category":"process"}') ->> 'state', 'accepted', 'facts may be recorded, it rests');
SELECT is(say('next', 'anna', '{"nc":2}') #>> '{0,command}', 'capactl reopen NC-2 --reason TEXT', 'next says how it ends');
SELECT matches(refusal('merge', 'anna', '{"nc":1,"into":2}'), '^CA001 NC-2 is accepted until', 'nothing is merged into it');
SELECT matches(refusal('extend', 'anna', '{"ref":2,"deadline":"acceptance","to":"90d","reason":"r"}'), '^CA001 An acceptance is not extended', 'an extension is no way round the risk owner');
SELECT is(say('extend', 'anna', '{"ref":2,"to":"90d","reason":"r","dry_run":false}') #>> '{request,sentence}' LIKE 'the extension of NC-2%', true, 'without a kind it means a phase');
SELECT is((SELECT d.kind FROM capa.request q JOIN capa.deadline d ON d.id = q.deadline WHERE q.nc = 2 AND q.kind = 'extension'), 'plan', 'the next one');
SELECT do_('refuse', 'pia', '{"ref":2,"reason":"r"}');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2)::int, 0, 'nothing was said yet');
SELECT clock_to('2026-02-04 16:59Z');
SELECT api.tick() ->> 'more';
SELECT is((SELECT string_agg(e.level, ' ' ORDER BY e.id) FROM capa.escalation e JOIN capa.deadline d ON d.id = e.deadline WHERE e.nc = 2 AND d.kind = 'acceptance'), 'L0', 'its ladder speaks before the end');
SELECT is(state('NC-2'), 'accepted', 'a minute before');
SELECT clock_to('2026-02-04 17:00:01Z');
SELECT api.tick() ->> 'more', api.tick() ->> 'more';
SELECT is((SELECT row(state, accepted_until, accepted_grade, cycle)::text FROM nc('NC-2')), '(contained,,,1)', 'at its end it is back where its facts put it, in the same cycle');
SELECT is((SELECT count(*) FROM capa.log WHERE nc = 2 AND sentence = 'the acceptance has expired')::int, 1, 'told, once');
SELECT is(deadline('NC-2', 'acceptance'), '02-04 17:00 met', 'its deadline is met, not late');
SELECT is(deadline('NC-2', 'plan'), '03-06 17:00 open speaks', 'the phase ladder runs again, its date unchanged');
SELECT clock_by('1 day');
SELECT api.tick() ->> 'more';
SELECT is((SELECT count(*) FROM capa.log WHERE nc = 2 AND sentence = 'the acceptance has expired')::int, 1, 'level-triggered and once');
SELECT is((SELECT count(*) FROM capa.journal_body b WHERE b.nc = 2 AND b.body::jsonb #>> '{data,from}' = 'accepted')::int, 1, 'nc.changed says from what');

-- again, and ended early
SELECT is(asks('NC-2', '20d'), 'OK', 'accepting again asks again');
SELECT is(state('NC-2'), 'contained', 'and waits again');
SELECT is(grants('NC-2', 'rita'), 'OK', 'granted');
SELECT is(asks('NC-2', '40d'), 'OK', 'for longer, while accepted');
SELECT is(grants('NC-2', 'rita'), 'OK', 'granted');
SELECT is((SELECT count(*) FILTER (WHERE met_at IS NULL) || ' of ' || count(*) FROM capa.deadline WHERE nc = 2 AND kind = 'acceptance'), '1 of 3', 'one expiry runs');
SELECT is(say('reopen', 'anna', '{"nc":2,"reason":"money came"}') ->> 'state', 'contained', 'reopen ends it early');
SELECT is((SELECT cycle FROM nc('NC-2')), 1, 'in the same cycle');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 2 AND kind = 'acceptance' AND met_at IS NULL)::int, 0, 'no expiry runs any more');

-- conditions are asked again when it is approved
SELECT is(asks('NC-14', '10d'), 'OK', 'asked for ten days');
SELECT clock_by('11 days');
SELECT matches(grants('NC-14', 'rita'), '^CA001 NC-14 was to be accepted until .* that has passed', 'approved after that: refused');
SELECT is(say('refuse', 'rita', '{"ref":14,"reason":"too late"}', NULL, '{risk_owner}') ->> 'state', 'contained', 'and refused by hand');
SELECT is(asks('NC-14', '100d'), 'OK', 'asked as minor');
SELECT do_('regrade', 'ina', '{"nc":14,"to":"major","reason":"worse"}');
SELECT matches(grants('NC-14', 'rita'), 'takes a compensating measure', 'major by then: refused');

-- late
SELECT is(contained('minor'), 'NC-19', 'one whose plan');
SELECT clock_by('70 days');
SELECT is(asks('NC-19', '30d'), 'OK', 'is overdue');
SELECT is(grants('NC-19', 'rita'), 'OK', 'accepted nevertheless');
SELECT matches(deadline('NC-19', 'plan'), 'open late$', 'counts as late');

-- a higher grade by a person ends it
SELECT do_('triage', 'ina', '{"nc":19,"grade":"major"}');
SELECT is((SELECT row(state, grade)::text FROM nc('NC-19')), '(contained,major)', 'it was accepted as minor');

-- events
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT r #>> '{results,0,effect}' FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION accepted(fp text, rule int DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.one(fp || '-0', jsonb_build_object('fp', fp, 'rule', rule)) #>> '{results,0,nc}';
BEGIN
  IF rule = 1 THEN PERFORM say('triage', 'ina', jsonb_build_object('nc', ref, 'owner', 'ops')); PERFORM say('triage', 'ina', jsonb_build_object('nc', ref, 'grade', 'minor')); END IF;
  PERFORM say('contain', 'carl', jsonb_build_object('nc', ref, 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('accept', 'anna', jsonb_build_object('nc', ref, 'risk', 'R-7', 'until', '30d', 'reason', 'r'));
  PERFORM say('approve', 'rita', jsonb_build_object('ref', ref), NULL, '{risk_owner}');
  RETURN ref;
END $$;
SELECT is(accepted('e'), 'NC-20', 'one of a rule');
SELECT is(state('NC-20'), 'accepted', 'accepted');
SELECT (SELECT max(seq) FROM capa.journal) AS head \gset
SELECT is(fail('e', 'e1'), 'occurrence', 'a fail is an occurrence');
SELECT is(fail('e', 'e2', jsonb_build_object('time', capa.now() - interval '20 min')), 'occurrence', 'a late one too');
SELECT is(fail('e', 'e3', '{"effect":"pass"}'), 'evidence', 'a pass is evidence');
SELECT is((SELECT max(seq) FROM capa.journal), :head::bigint, 'none changes anything');
SELECT is(capa.summary(20) ->> 'occurrences', '3', 'but is counted');
SELECT is(fail('e', 'e4', '{"grade":"major"}'), 'occurrence', 'a worse one');
SELECT is((SELECT row(state, grade, accepted_until)::text FROM nc('NC-20')), '(contained,major,)', 'revokes the acceptance, and the grade rises');
SELECT is((SELECT count(*) FROM capa.log WHERE nc = 20 AND sentence LIKE 'a major event revoked the acceptance%')::int, 1, 'the log says why');
SELECT is((SELECT count(*) FROM capa.evidence WHERE nc = 20 AND role = 'worst')::int, 1, 'with the event as evidence');
SELECT is(accepted('g', 1), 'NC-21', 'one whose rule lets the grade grow');
SELECT is(fail('g', 'g1', '{"rule":1}'), 'occurrence', 'a second time');
SELECT is(state('NC-21'), 'accepted', 'is not enough');
SELECT is(fail('g', 'g2', '{"rule":1}'), 'occurrence', 'the third time in a week');
SELECT is((SELECT row(state, grade)::text FROM nc('NC-21')), '(contained,major)', 'is worse than what was accepted');
-- a decided grade stands, the acceptance does not: what was accepted was less
SELECT is(fail('d', 'd0', '{"grade":"major"}'), 'raised', 'raised as major');
SELECT do_('regrade', 'anna', '{"nc":22,"to":"minor","reason":"r"}'), do_('approve', 'pia', '{"ref":22}'),
       do_('contain', 'carl', '{"nc":22,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}'),
       do_('accept', 'anna', '{"nc":22,"risk":"R-7","until":"30d","reason":"r"}');
SELECT is(grants('NC-22', 'rita'), 'OK', 'accepted as minor');
SELECT is(fail('d', 'd1'), 'occurrence', 'a minor event');
SELECT is(state('NC-22'), 'accepted', 'leaves it');
SELECT is(fail('d', 'd2', '{"grade":"major"}'), 'occurrence', 'a major one');
SELECT is((SELECT row(state, grade)::text FROM nc('NC-22')), '(contained,minor)', 'revokes it; the decided grade stands (SEMANTICS section 4)');

-- accepted from verifying: the window's end moves nothing meanwhile, and nothing ticks for it
SELECT is(fail('p', 'p0'), 'raised', 'one');
SELECT do_('contain', 'carl', '{"nc":23,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}'),
       do_('cause', 'anna', '{"nc":23,"text":"why","category":"process"}'), do_('similar', 'anna', '{"nc":23,"elsewhere":"no","conclude":"others"}'),
       do_('need', 'anna', '{"nc":23,"need":"yes","reason":"r","isms":"none","risk":"none"}'),
       do_('action.add', 'anna', '{"nc":23,"title":"act","owner":"bob","due":"5d","expect":"e"}'), do_('criterion', 'anna', '{"nc":23,"method":"manual","text":"x","window":"5d"}');
SELECT do_('action.done', 'bob', jsonb_build_object('action', (SELECT 'CA-' || max(id) FROM capa.action), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT is(asks('NC-23', '20d'), 'OK', 'asked in verifying');
SELECT is(grants('NC-23', 'rita'), 'OK', 'accepted');
SELECT clock_by('9 days');
SELECT api.tick() IS NOT NULL, api.tick() IS NOT NULL;
SELECT cmp_ok((api.tick() ->> 'next_ms')::bigint, '>', 1000::bigint, 'the window is over, and no tick is due for it');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 23 AND kind IN ('window', 'verify') AND next_at IS NOT NULL)::int, 0, 'window and verdict rest');
SELECT is(say('note', 'anna', '{"ref":23,"text":"still accepted"}') ->> 'state', 'accepted', 'it is accepted still');
SELECT clock_by('14 days');
SELECT api.tick() IS NOT NULL, api.tick() IS NOT NULL;
SELECT is(state('NC-23'), 'verifying', 'back at its end, to be judged');
SELECT is((SELECT met_at IS NOT NULL FROM capa.deadline WHERE nc = 23 AND kind = 'window'), true, 'the window was met');
SELECT matches(deadline('NC-23', 'verify'), 'open speaks$', 'the verdict''s ladder speaks again');

-- left while accepted
SELECT is(accepted('r'), 'NC-24', 'another');
SELECT is(say('reject', 'anna', '{"nc":24,"reason":"no failure"}') ->> 'state', 'rejected', 'rejected');
SELECT is((SELECT row(accepted_until, (SELECT count(*) FROM capa.deadline WHERE nc = 24 AND met_at IS NULL AND void_at IS NULL))::text FROM nc('NC-24')), '(,0)', 'no expiry runs');
-- a window that ends while accepted: back it closes
SELECT is((SELECT count(*) FROM capa.transition WHERE from_state = 'accepted' AND how = 'time')::int, 7, 'it may come back to every state of the line');
SELECT * FROM finish();
