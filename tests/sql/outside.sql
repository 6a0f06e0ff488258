-- Findings that somebody outside issued: their dates, their word on plan and closing, no short way; and actions that wait for others.
\ir method.sql
SELECT plan(89);
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION link() RETURNS jsonb LANGUAGE sql AS $$ SELECT '[{"url":"https://tuv.example.org/letter"}]'::jsonb $$;
-- A finding of TUV with all but the plan. Returns nothing.
CREATE FUNCTION analysed(nc text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'text', 'restored', 'consequences', 'none', 'evidence', link()));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', nc, 'text', 'nobody is named', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'elsewhere', 'no'));
  IF facts_missing(nc) LIKE '%conclusion%' THEN
    PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'conclude', 'others'));
  END IF;
  PERFORM say('need', 'anna', jsonb_build_object('nc', nc, 'need', 'yes', 'reason', 'r'));
END $$;
CREATE FUNCTION planned(nc text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ca text := say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'name one', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
BEGIN
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', nc, 'method', 'manual', 'text', 'look', 'window', '10d'));
  RETURN ca;
END $$;

SELECT do_('raise', 'rita', '{"title":"No restore test","grade":"major","owner":"anna","statement":"s","source_kind":"external_audit","issuer":"TUV",
  "external_ref":"17","requirement":"27001 10.2 d","due":{"plan":"2026-01-20"}}');
SELECT is(state('NC-1'), 'triaged', 'raised');
SELECT is((SELECT value FROM capa.record WHERE fact = 'issuer_date_plan'), '{"due":"2026-01-20T17:00:00.000000Z","source":"TUV"}', 'whose date it is stands in the record');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"plan","verdict":"accepted"}'), '^CA001 NC-1 is triaged: there is no complete plan', 'no plan yet');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"closing","verdict":"accepted"}'), '^CA001 NC-1 is triaged, not verifying', 'no closing yet');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"grade","verdict":"accepted"}'), '^CA003 ', 'on plan or closing');
SELECT do_('raise', 'rita', '{"title":"Own one","grade":"major","owner":"anna","statement":"s","controls":"A.8.1"}');
SELECT matches(refusal('external', 'ina', '{"nc":2,"what":"plan","verdict":"accepted"}'), '^CA001 NC-2 is no finding of anybody outside', 'only of findings from outside');

-- the plan: its issuer set a date for it, so it waits for both
SELECT analysed('NC-1');
SELECT is(planned('NC-1'), 'CA-2', 'planned');
SELECT is(state('NC-1') || ' ' || facts_missing('NC-1'), 'planned approval external_plan', 'approval, and its issuer');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'planned', 'approved inside: TUV has not accepted it');
SELECT is(say('next', 'anna', '{"nc":1}') -> 0 ->> 'sentence', 'TUV set a date for the plan and has not accepted it', 'next says so');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"plan","verdict":"refused"}'), '^CA003 A refusal needs the issuer', 'a refusal says why');
SELECT is(say('external', 'ina', '{"nc":1,"what":"plan","verdict":"refused","text":"no date for the test"}') ->> 'state', 'planned', 'refused');
SELECT is((SELECT retract_reason FROM capa.record WHERE nc = 1 AND fact = 'approval'), 'TUV refused the plan: no date for the test', 'its approval is void');
SELECT is((SELECT string_agg(state, ' ' ORDER BY id) FROM capa.request WHERE nc = 1 AND kind = 'plan'), 'approved', 'and the same plan is not asked for again');
SELECT matches(refusal('approve', 'pia', '{"ref":"NC-1"}'), '^CA001 Nothing of NC-1 waits for a decision', 'nor can it be approved');
SELECT matches((SELECT m ->> 'sentence' FROM jsonb_array_elements(capa.missing(1)) m WHERE m ->> 'fact' = 'external_plan'),
  '^TUV refused this plan, which must be changed: no date for the test$', 'what is missing says what to do');
SELECT do_('action.change', 'anna', '{"action":"CA-2","title":"name one, test on 3 March"}');
SELECT is((SELECT string_agg(state, ' ' ORDER BY id) FROM capa.request WHERE nc = 1 AND kind = 'plan'), 'approved open', 'another plan is asked for');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'planned', 'approved anew');
SELECT is(say('external', 'ina', '{"nc":1,"what":"plan","verdict":"accepted","text":"fine"}') ->> 'state', 'implementing', 'and accepted');
-- refused while it is carried out: back
SELECT is(say('external', 'ina', '{"nc":1,"what":"plan","verdict":"refused","text":"on second thoughts"}') ->> 'state', 'planned', 'refused later: it moves back');
SELECT is(say('external', 'ina', '{"nc":1,"what":"plan","verdict":"accepted","text":"a mistake"}') ->> 'state', 'planned', 'accepted after all: approval is asked for');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'implementing', 'and given');
-- the issuer's dates
SELECT do_('deadline.add', 'anna', '{"nc":1,"label":"act","due":"2027-01-01"}');
SELECT is((SELECT due::date || ' ' || due_original::date FROM capa.deadline WHERE nc = 1 AND kind = 'act' AND met_at IS NULL AND void_at IS NULL),
  '2026-03-06 2026-03-06', 'a phase never later: the date is noted, the policy''s holds');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":1,"label":"triage","due":"2026-01-06"}'), '^CA001 NC-1 has no triage deadline that runs', 'nor one that was reached');
SELECT do_('deadline.add', 'anna', '{"nc":1,"label":"act","due":"2026-02-20"}');
SELECT do_('deadline.add', 'anna', '{"nc":1,"label":"evidence","due":"2026-03-31"}');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":1,"label":"Evidence","due":"2026-04-30"}'), '^CA001 evidence of NC-1 is due 2026-03-31T17:00:00.000000Z already; .* is no earlier date', 'later is an extension');
SELECT do_('deadline.add', 'anna', '{"nc":1,"label":"evidence","due":"2026-03-20"}');
SELECT is((SELECT row(due::date, due_original::date, tightened)::text FROM capa.deadline WHERE label = 'evidence'), '(2026-03-20,2026-03-31,t)', 'earlier is in force at once');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":1,"label":"x","due":"2026-01-02"}'), '^CA001 x is to be due .* which has passed', 'never in the past');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":1,"label":"x y/z","due":"2026-02-02"}'), '^CA003 "x y/z" labels no date', 'a label is a word');
SELECT matches(refusal('extend', 'anna', '{"ref":"NC-1","deadline":"evidence","to":"2026-04-30","reason":"holidays"}'),
  '^CA001 evidence of NC-1 was set by TUV, and no letter of theirs grants a later date', 'never without the issuer''s letter');
SELECT matches(refusal('extend', 'anna', '{"ref":"NC-1","deadline":"act","to":"2026-02-27","reason":"holidays"}'),
  '^CA001 act of NC-1 was set by TUV', 'nor a phase that the issuer drew forward');
SELECT is(say('extend', 'anna', jsonb_build_object('ref', 'NC-1', 'deadline', 'evidence', 'to', '2026-04-30', 'reason', 'holidays', 'evidence', link())) -> 'request' ->> 'kind',
  'external_deadline', 'with it: a request');
SELECT is((SELECT due::date FROM capa.deadline WHERE label = 'evidence'), '2026-03-20'::date, 'not in force yet');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-1"}'), '^CA001 You are an author of this request, and nobody decides alone: the later date', 'a second person decides');
SELECT do_('approve', 'pia', '{"ref":"NC-1"}');
SELECT is((SELECT row(d.due::date, d.due_original::date, d.extensions, o.due::date)::text FROM capa.deadline d JOIN capa.obligation o USING (nc, label) WHERE label = 'evidence'),
  '(2026-04-30,2026-03-31,1,2026-04-30)', 'granted, counted, and the first date stays');
SELECT is(capa.barred(1, 1, 'pia'), 'approved an extension in this cycle', 'who granted it may not verify');

-- an action waits
SELECT matches(refusal('action.wait', 'bob', '{"action":"CA-2","on":"TUV","until":"2026-01-02"}'), '^CA001 "until" is .* which has passed', 'not until the past');
SELECT matches(refusal('action.wait', 'bob', '{"action":"CA-2","until":"2026-01-12"}'), '^CA003 action.wait needs "on"', 'it waits on somebody');
SELECT do_('action.wait', 'bob', '{"action":"CA-2","on":"the supplier","until":"2026-01-12","reason":"disk ordered"}');
SELECT is((SELECT state FROM capa.action WHERE id = 2) || ' ' || state('NC-1'), 'waiting implementing', 'waiting is no state of the NC');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'blocked', '[{"action":"CA-2","on":"the supplier","until":"2026-01-12T17:00:00.000000Z"}]', 'shown as blocked');
SELECT is((SELECT n -> 'blocked' -> 0 ->> 'on' FROM jsonb_array_elements(say('list', 'anna', '{}')) n WHERE n ->> 'ref' = 'NC-1'), 'the supplier', 'also in lists');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'actions' -> 0 -> 'waiting' ->> 'on', 'the supplier', 'and in its action');
SELECT matches(say('next', 'anna', '{"nc":1}') -> -1 ->> 'sentence', '^CA-2 is blocked: it waits on the supplier until 2026-01-12', 'next says so');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('page', 'bob', '{}') -> 'lines') l WHERE l ->> 'ref' = 'CA-2'), 0::bigint, 'off its owner''s page');
SELECT is((SELECT row(due::date, met_at IS NULL, next_at IS NOT NULL)::text FROM capa.deadline WHERE action = 2), '(2026-01-26,t,t)', 'its due date and its ladder go on');
SELECT clock_to('2026-01-12 17:00:01Z');
SELECT matches((SELECT l ->> 'sentence' FROM jsonb_array_elements(say('page', 'bob', '{}') -> 'lines') l WHERE l ->> 'ref' = 'CA-2'),
  '^waited on the supplier until 2026-01-12', 'back on it when the time is up');
SELECT do_('action.start', 'bob', '{"action":"CA-2"}');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'blocked', '[]', 'starting ends the waiting');
SELECT do_('action.wait', 'bob', '{"action":"CA-2","on":"TUV","until":"3d"}');
SELECT is(say('action.done', 'bob', jsonb_build_object('action', 'CA-2', 'evidence', link())) ->> 'state', 'verifying', 'and so does finishing');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'actions' -> 0 -> 'waiting', 'null', 'which leaves nothing waiting');

-- the closing
SELECT clock_by('11 days');
SELECT matches(refusal('external', 'ina', jsonb_build_object('nc', 1, 'what', 'closing', 'verdict', 'accepted', 'evidence', link())),
  '^CA001 The closing of NC-1 cannot be accepted yet: nobody independent has judged', 'not before the verdict');
SELECT is(say('verify', 'vera', '{"nc":1,"verdict":"effective","text":"two tests","isms":"none","risk":"none"}') ->> 'state', 'verifying', 'effective, and yet open');
SELECT is(facts_missing('NC-1'), 'external_closing', 'TUV has the last word');
SELECT is(capa.missing(1) -> 0 ->> 'sentence', 'TUV has not accepted the closing', 'in words');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"closing","verdict":"accepted","text":"by phone"}'), '^CA001 That TUV accepted the closing of NC-1 has no evidence', 'in writing');
SELECT is(say('external', 'ina', '{"nc":1,"what":"closing","verdict":"refused","text":"one test only"}') ->> 'state', 'contained', 'refused: a new cycle, contained');
SELECT is((SELECT row(begun_by, base, why)::text FROM capa.cycle WHERE nc = 1 AND no = 2), '(issuer,contained,"TUV refused the closing: one test only")', 'begun by its issuer');
SELECT is((SELECT ended_as FROM capa.cycle WHERE nc = 1 AND no = 1), 'not_effective', 'the old one was not effective');
SELECT is((SELECT result FROM capa.action WHERE id = 2), 'ineffective', 'nor its action');
SELECT is((SELECT string_agg(x.label, ' ') FROM capa.deadline x WHERE x.nc = 1 AND x.kind = 'external' AND x.met_at IS NULL AND x.void_at IS NULL), 'evidence', 'the issuer''s date runs on');
SELECT analysed('NC-1');
SELECT planned('NC-1');
SELECT is(say('approve', 'pia', '{"ref":"NC-1"}') ->> 'state', 'implementing', 'no date for this cycle''s plan: TUV need not accept it');
SELECT do_('action.done', 'bob', jsonb_build_object('action', (SELECT 'CA-' || max(id) FROM capa.action), 'evidence', link()));
SELECT clock_by('11 days');
SELECT do_('verify', 'vera', '{"nc":1,"verdict":"effective","text":"three tests","isms":"none","risk":"none"}');
SELECT is(say('external', 'ina', jsonb_build_object('nc', 1, 'what', 'closing', 'verdict', 'accepted', 'text', 'closed', 'evidence', link())) ->> 'state', 'closed', 'accepted: closed');
SELECT is((SELECT row(closed_how, closed_by)::text FROM capa.nc WHERE id = 1), '(verdict,vera)', 'by the verdict');
SELECT matches(refusal('external', 'ina', '{"nc":1,"what":"closing","verdict":"refused","text":"x"}'), '^CA001 NC-1 is closed', 'later only by reopening');
-- what its issuer asked for outlives the closing
SELECT is((SELECT row(met_at, void_at)::text FROM capa.deadline WHERE label = 'evidence'), '(,)', 'what was asked for runs on');
SELECT is(say('extend', 'anna', jsonb_build_object('ref', 'NC-1', 'to', '2026-05-29', 'reason', 'post', 'evidence', link())) -> 'request' ->> 'kind', 'external_deadline', 'can be put off with a letter');
SELECT do_('approve', 'pia', '{"ref":"NC-1"}');
SELECT do_('deadline.met', 'anna', '{"nc":1,"label":"evidence","text":"sent"}');
SELECT is((SELECT row(met_at IS NOT NULL, late)::text FROM capa.deadline WHERE label = 'evidence'), '(t,f)', 'and met');
SELECT is((SELECT string_agg(DISTINCT topic, ' ' ORDER BY topic) FROM capa.journal WHERE topic LIKE 'deadline.%'), 'deadline.added deadline.changed deadline.extended deadline.met', 'what the bus was told of dates');

-- no short way; the authority needs no name
SELECT do_('raise', 'rita', '{"title":"Notice","grade":"minor","owner":"anna","statement":"s","source_kind":"authority","controls":"A.5.31"}');
SELECT analysed('NC-3');
SELECT is(say('need', 'ina', '{"nc":3,"need":"no","reason":"done","isms":"none","risk":"none"}') ->> 'state', 'analysed', 'no need: still not closed');
SELECT is(capa.missing(3) -> 0 ->> 'sentence', 'it is a finding of the authority, which no short way closes', 'and why');
-- rejected: nothing of it runs on
SELECT do_('deadline.add', 'anna', '{"nc":3,"label":"answer","due":"30d"}');
SELECT do_('reject', 'anna', '{"nc":3,"reason":"not ours"}');
SELECT do_('approve', 'pia', '{"ref":"NC-3"}');
SELECT is((SELECT row(met_at, void_at IS NOT NULL)::text FROM capa.deadline WHERE label = 'answer'), '(,t)', 'rejected: its dates are void');
SELECT matches(refusal('deadline.met', 'anna', '{"nc":3,"label":"answer"}'), '^CA001 No obligation "answer" of NC-3 runs', 'and not met any more');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":3,"label":"x","due":"3d"}'), '^CA001 NC-3 is rejected', 'nor added to');
-- merged: what the law and others set goes along, with its dates
SELECT do_('raise', 'rita', '{"title":"Leak","grade":"minor","owner":"anna","controls":"A.5.34","statement":"s","due":{"answer":"2026-03-02","call":"2026-03-03"}}');
SELECT do_('raise', 'rita', '{"title":"The same leak","grade":"minor","owner":"anna","controls":"A.5.34","statement":"s","due":{"answer":"2026-02-27","call":"2026-03-04"}}');
SELECT do_('clock', 'anna', '{"nc":5,"law":"gdpr"}');
SELECT do_('merge', 'anna', '{"nc":5,"into":4,"reason":"one leak"}');
SELECT is((SELECT string_agg(d.label || ' ' || (d.due = o.due), ', ' ORDER BY d.label) FROM capa.deadline d JOIN capa.obligation o ON o.nc = 5 AND o.label = d.label
           WHERE d.nc = 4 AND d.met_at IS NULL AND d.void_at IS NULL), 'answer true, call false, gdpr_notification true', 'they run on where it is treated, the earlier date of both');
SELECT is((SELECT count(*) FROM capa.deadline d WHERE d.nc = 5 AND d.met_at IS NULL AND d.void_at IS NULL), 0::bigint, 'and no more where it was');
-- a date that was not met after all runs again, unchanged
SELECT do_('deadline.met', 'anna', '{"nc":4,"label":"gdpr_notification","text":"sent"}');
SELECT is((SELECT met_at IS NOT NULL FROM capa.deadline WHERE nc = 4 AND label = 'gdpr_notification'), true, 'met by mistake');
SELECT matches(refusal('retract', 'anna', '{"ref":"NC-4","fact":"deadline_met","label":"call","reason":"r"}'), '^CA001 NC-4 has no deadline_met', 'only what was met');
SELECT do_('retract', 'anna', '{"ref":"NC-4","fact":"deadline_met","reason":"it went to the wrong office"}');
SELECT is((SELECT row(met_at, due = due_original)::text FROM capa.deadline WHERE nc = 4 AND label = 'gdpr_notification'), '(,t)', 'retracted: it runs again under its date');
SELECT is((SELECT r.retract_reason FROM capa.record r WHERE r.nc = 4 AND r.fact = 'obligation_met'), 'it went to the wrong office', 'the record stays readable');
SELECT do_('deadline.met', 'anna', '{"nc":4,"label":"call"}');
SELECT do_('deadline.add', 'anna', '{"nc":4,"label":"call","due":"30d"}');
SELECT matches(refusal('retract', 'anna', '{"ref":"NC-4","fact":"deadline_met","reason":"r"}'), '^CA001 "call" of NC-4 runs again already', 'unless a newer one runs');

-- who issued it is said later, once; what is withdrawn is rejected by two people, with the letter
SELECT do_('raise', 'rita', '{"title":"From the customer","grade":"minor","owner":"anna","controls":"A.5.19","statement":"s"}');
SELECT matches(refusal('triage', 'anna', '{"nc":6,"issuer":"ACME"}', NULL, '{owner}'), '^CA004 Who issued a finding', 'not by its owner');
SELECT is(say('triage', 'ina', '{"nc":6,"issuer":"ACME"}') ->> 'state', 'triaged', 'by the ISMS manager');
SELECT is((SELECT issuer FROM capa.nc WHERE id = 6), 'ACME', 'recorded');
SELECT matches(refusal('triage', 'ina', '{"nc":6,"issuer":"nobody"}'), '^CA001 NC-6 is a finding of ACME already', 'once');
SELECT matches(refusal('reject', 'anna', '{"nc":6,"reason":"r"}'), '^CA001 NC-6 cannot be rejected: it is a finding of ACME', 'it holds it open');
SELECT matches(refusal('external', 'anna', '{"nc":6,"what":"closing","verdict":"withdrawn","text":"by phone"}'), '^CA001 That ACME withdrew NC-6 has no evidence', 'a withdrawal is in writing');
SELECT matches(refusal('external', 'anna', jsonb_build_object('nc', 6, 'what', 'plan', 'verdict', 'withdrawn', 'evidence', link())), '^CA003 A plan is accepted or refused', 'of the finding');
SELECT is((SELECT row(r ->> 'state', r -> 'request' ->> 'kind')::text FROM say('external', 'anna', jsonb_build_object('nc', 6, 'what', 'closing', 'verdict', 'withdrawn',
  'text', 'their own mistake', 'evidence', link())) r), '(triaged,rejection)', 'asked for');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-6"}'), '^CA001', 'not approved alone');
SELECT is(say('approve', 'pia', '{"ref":"NC-6"}') ->> 'state', 'rejected', 'rejected by a second person');
SELECT is((SELECT left_why FROM capa.nc WHERE id = 6), 'ACME withdrew it: their own mistake', 'with its reason');
SELECT * FROM finish();
