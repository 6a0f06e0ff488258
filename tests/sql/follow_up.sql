-- Follow-ups (PRODUCT): of the three kinds, met, missed and failed; by count, by date and standing; they outlive closing and
-- cycles, and nobody stops one alone.
\ir lib/send.psql
CREATE EXTENSION dblink;
\ir method.sql
SELECT plan(138);
SELECT clock_to('2026-01-31 09:00Z');
SELECT test.rules() ->> 'changed';

CREATE FUNCTION tick() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WHILE (api.tick() ->> 'more')::boolean OR EXISTS (SELECT FROM capa.deadline WHERE next_at <= capa.now()) LOOP END LOOP;
END $$;
CREATE FUNCTION day(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM clock_to(at);
  PERFORM tick();
END $$;
CREATE FUNCTION away_to(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE capa.presence SET beat = beat - interval '5 minutes' WHERE id = (SELECT max(id) FROM capa.presence);
  PERFORM clock_to(at);
END $$;
CREATE FUNCTION fu(ref text) RETURNS jsonb LANGUAGE sql AS $$ SELECT capa.follow_up_object(substr(ref, 4)::int) $$;
-- "no outcome due, ..." of all periods
CREATE FUNCTION periods(ref text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', p ->> 'no', coalesce(p ->> 'outcome', '-'), left(p ->> 'due', 10)), ', ' ORDER BY (p ->> 'no')::int) FROM jsonb_array_elements(fu(ref) -> 'periods') p
$$;
CREATE FUNCTION add_(who text, params jsonb) RETURNS text LANGUAGE sql AS $$ SELECT say('follow_up.add', who, params) ->> 'follow_up' $$;
CREATE FUNCTION link() RETURNS jsonb LANGUAGE sql AS $$ SELECT '[{"url":"https://example.org/x"}]'::jsonb $$;
-- An NC of fingerprint fp, closed by verdict. Returns it.
CREATE FUNCTION closed(fp text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.one(fp || '-0', jsonb_build_object('fp', fp)) #>> '{results,0,nc}';
  ca text;
BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', link()));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref, 'method', 'event_silence', 'window', '1s'));
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', link()));
  PERFORM clock_by('2 seconds');
  PERFORM say('verify', 'vera', jsonb_build_object('nc', ref, 'verdict', 'effective', 'text', 'quiet'));
  RETURN ref;
END $$;
CREATE FUNCTION last_message(topic_ text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT b.body::jsonb FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic LIKE topic_ ORDER BY seq DESC LIMIT 1
$$;

-- what can be asked for
SELECT is(say('raise', 'anna', '{"title":"access reviews are not done","owner":"anna"}') ->> 'ref', 'NC-1', 'an NC by hand');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"evidence","every":"1mo"}'), '^CA001 NC-1 was raised by hand: no event can prove it', 'no event proves what was raised by hand');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"no_recurrence","every":"1mo"}'), '^CA001', 'nor its absence');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"manual","every":"0d"}'), '^CA003 A period of nothing', 'a period has a length');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"manual","every":"often"}'), '^CA003 "every" must be a duration', 'which is a duration');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"manual","every":"3mo","for":"1mo"}'), '^CA003 The follow-up would end', 'its end is no sooner than its first period''s');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"manual","every":"3mo","for":"ever"}'), '^CA003 "for" must be', 'the end is a duration or a count');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"manual","every":"1s","for":"10d"}'), '^CA003 A follow-up has at most 1000', 'not too many periods');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-1","kind":"sometimes","every":"1mo"}'), '^CA003 "kind" cannot be', 'of one of three kinds');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-9","kind":"manual","every":"1mo"}'), '^CA002', 'of something that is there');
SELECT matches(refusal('follow_up.add', 'rita', '{"ref":"NC-1","kind":"manual","every":"1mo"}', NULL, '{reporter}'), '^CA004', 'by somebody who may');

-- by hand, on the calendar: no drift, and the end by count
SELECT is(add_('anna', '{"ref":"NC-1","kind":"manual","every":"1mo","for":"x4","owner":"olga","title":"audit compliance"}'), 'FU-1', 'a manual one, four times');
SELECT is(periods('FU-1'), '1 - 2026-03-02', 'a month from 31 January ends on the last day of February, a Saturday: on Monday');
SELECT is((SELECT row(kind, follow_up, met_at, due = started_at)::text FROM capa.deadline WHERE follow_up = 1), '(follow_up,1,,f)', 'its period is a deadline');
SELECT is((SELECT i ->> 'owner' || ' ' || (i ->> 'ref') FROM jsonb_array_elements(say('due', 'anna', '{"within":"60d","owner":"olga"}')) i WHERE i ->> 'kind' = 'follow_up'), 'olga FU-1', 'due lists it under its own owner');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"NC-1","result":"ok","text":"t"}'), '^CA003 NC-1 is no follow-up', 'what is recorded is a follow-up''s');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-7","result":"ok","text":"t"}'), '^CA002', 'of one that is there');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-1","result":"fine","text":"t"}'), '^CA003', 'ok or failed');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"12 of 12 reviewed"}') ->> 'outcome', 'ok', 'recorded');
SELECT is(periods('FU-1'), '1 ok 2026-03-02, 2 - 2026-03-31', 'the next period begins at that date and ends on the 31st again');
SELECT is((last_message('follow_up.done') -> 'data' ->> 'outcome') || (last_message('follow_up.done') ->> 'subject'), 'okFU-1', 'follow_up.done is told');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"again"}'), '^CA001 The period of FU-1 that was due last is recorded; the next one begins 2026-03-02', 'nothing is recorded ahead');
SELECT is((SELECT group_ FROM capa.my_lines('{"roles":["owner"]}', 'olga') WHERE ref = 'FU-1'), NULL, 'a period that has not begun waits for nobody');
SELECT day('2026-03-27 17:30Z');
SELECT is((SELECT row(group_, command)::text FROM capa.my_lines('{"roles":["owner"]}', 'olga') WHERE ref = 'FU-1'), '(follow_ups,"capactl follow-up record FU-1 ok TEXT --evidence FILE")', 'one that runs waits for its owner');
SELECT is((SELECT row(level, follow_up, recipients -> 0 ->> 'name')::text FROM capa.escalation WHERE follow_up = 1 ORDER BY id DESC LIMIT 1), NULL, 'outside working hours nobody is told');
SELECT day('2026-03-30 10:00Z');
SELECT is((SELECT row(level, follow_up, recipients -> 0 ->> 'name')::text FROM capa.escalation WHERE follow_up = 1 ORDER BY id DESC LIMIT 1), '(L0,1,olga)', 'at 80 % its owner is');
SELECT is(last_message('escalation.L0.%') -> 'data' ->> 'follow_up', 'FU-1', 'the message names the follow-up');

-- missed: told, escalated, the next one goes on, recorded late
SELECT day('2026-04-01 10:00Z');
SELECT is(periods('FU-1'), '1 ok 2026-03-02, 2 missed 2026-03-31, 3 - 2026-04-30', 'nothing was recorded: missed');
SELECT is(last_message('follow_up.missed') -> 'data' ->> 'outcome', 'missed', 'follow_up.missed is told');
SELECT is((SELECT met_at IS NULL AND void_at IS NULL FROM capa.deadline WHERE follow_up = 1 AND due < capa.now() ORDER BY id DESC LIMIT 1), true, 'its deadline stays open');
SELECT day('2026-04-02 10:00Z');
SELECT is((SELECT level FROM capa.escalation WHERE follow_up = 1 ORDER BY id DESC LIMIT 1), 'L1', 'and escalates');
SELECT is((fu('FU-1') ->> 'overdue') || (fu('FU-1') ->> 'missed'), 'true1', 'it is overdue');
SELECT is((say('show', 'anna', '{"ref":"NC-1"}') -> 'follow_ups' -> 0 ->> 'ref'), 'FU-1', 'show has it');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"late"}') ->> 'period', '2', 'recorded late, the missed one is meant');
SELECT is((SELECT row(late, void_at)::text FROM capa.deadline WHERE follow_up = 1 AND met_at IS NOT NULL ORDER BY id DESC LIMIT 1), '(t,)', 'met, late');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"april"}') ->> 'period', '3', 'then the running one');
SELECT is(state('NC-1') || (SELECT cycle FROM capa.nc WHERE id = 1), 'raised1', 'one missed reopens nothing');

-- two missed in a row: a note on an open one
SELECT add_('anna', '{"ref":"NC-1","kind":"manual","every":"1mo","owner":"olga"}'); -- FU-2, standing
SELECT is(fu('FU-2') ->> 'title' || (fu('FU-2') ->> 'standing'), 'check every 1mo of NC-1true', 'a title of its own, and standing');
SELECT day('2026-06-08 10:00Z');
SELECT is(periods('FU-2'), '1 missed 2026-05-04, 2 missed 2026-06-02, 3 - 2026-07-02', 'each period that passed was missed');
SELECT is((SELECT r.value ->> 'text' FROM capa.record r WHERE nc = 1 AND fact = 'note' ORDER BY id DESC LIMIT 1), 'FU-2 was missed twice in a row: check every 1mo of NC-1; NC-1 is raised', 'twice in a row, of one that is open, is a note');
SELECT is((SELECT cycle FROM capa.nc WHERE id = 1), 1, 'and no second cycle');
SELECT say('follow_up.record', 'olga', '{"ref":"FU-2","result":"ok","text":"now"}') ->> 'period';
SELECT is((SELECT string_agg(CASE WHEN met_at IS NOT NULL THEN 'met' WHEN void_at IS NOT NULL THEN 'void' ELSE 'open' END, ' ' ORDER BY due) FROM capa.deadline WHERE follow_up = 2), 'void met open', 'one made good ends the ladder of the missed one before it');

-- the end by count, by date
SELECT say('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"june"}') ->> 'period';
SELECT is(periods('FU-1') || ' ' || (fu('FU-1') ->> 'state'), '1 ok 2026-03-02, 2 ok 2026-03-31, 3 ok 2026-04-30, 4 ok 2026-06-01 ended', 'after the last period it has ended');
SELECT matches(last_message('follow_up.done') -> 'data' ->> 'sentence', 'FU-1 has ended$', 'which is told');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-1","result":"ok","text":"more"}'), '^CA001 FU-1 is ended since', 'then nothing is recorded any more');
SELECT is(jsonb_array_length(say('follow_up.list', 'anna', '{"ref":"NC-1"}')) || ' ' || jsonb_array_length(say('follow_up.list', 'anna', '{"all":true}')), '1 2', 'the list has those that run, or all');
SELECT is(add_('anna', '{"ref":"NC-1","kind":"manual","every":"1mo","for":"6mo","owner":"olga"}'), 'FU-3', 'one until a date');
SELECT is((SELECT row(periods, until::date)::text FROM capa.follow_up WHERE id = 3), '(6,2026-12-08)', 'which is a number of periods');

-- nobody stops one alone
SELECT is(say('follow_up.stop', 'anna', '{"ref":"FU-3","reason":"not needed"}') #>> '{request,kind}', 'follow_up_stop', 'stopping is a request');
SELECT is(fu('FU-3') ->> 'state', 'running', 'until it is approved it goes on');
SELECT matches(refusal('approve', 'anna', '{"ref":"FU-3"}'), '^CA001', 'the author does not approve it');
SELECT is((SELECT a ->> 'sentence' FROM jsonb_array_elements(say('approvals', 'pia', '{}')) a WHERE a ->> 'ref' = 'FU-3'),
  'stopping FU-3 early (check every 1mo of NC-1) waits for approval by another person than anna: not needed', 'it waits for somebody else');
SELECT is(say('refuse', 'pia', '{"ref":"FU-3","reason":"it is"}') ->> 'ref' || (fu('FU-3') ->> 'state'), 'NC-1running', 'refused, it goes on');
SELECT say('follow_up.stop', 'anna', '{"ref":"FU-3","reason":"the system is gone"}') ->> 'state';
SELECT is(say('approve', 'pia', '{"ref":"FU-3"}') ->> 'ref', 'NC-1', 'approved by another person');
SELECT is((fu('FU-3') ->> 'state') || ' ' || (fu('FU-3') ->> 'ended_by') || ' ' || (fu('FU-3') ->> 'reason'), 'stopped pia the system is gone', 'it is stopped');
SELECT is((SELECT count(*)::int FROM capa.deadline WHERE follow_up = 3 AND met_at IS NULL AND void_at IS NULL), 0, 'and its deadline void');
SELECT matches(refusal('follow_up.stop', 'anna', '{"ref":"FU-3","reason":"again"}'), '^CA001 FU-3 is stopped', 'once');

-- no recurrence, on a closed NC
SELECT clock_to('2026-06-15 09:00Z');
SELECT is(closed('a'), 'NC-2', 'a closed one');
SELECT is(add_('anna', '{"ref":"CA-2","kind":"no_recurrence","every":"2mo","for":"6mo","owner":"olga"}'), 'FU-4', 'of its action');
SELECT is(fu('FU-4') ->> 'title', 'verify no recurrence of CA-2 until 2026-12-15', 'says what it verifies');
SELECT is((SELECT jsonb_array_length(steps) || ' ' || (steps -> 0 ->> 'planned_at' >= capa.rfc3339(due)) FROM capa.deadline WHERE follow_up = 4), '3 true', 'nobody is told before its date: there is nothing to do');
SELECT day('2026-08-18 09:00Z');
SELECT is(periods('FU-4'), '1 ok 2026-08-17, 2 - 2026-10-15', 'nothing failed, all covered: ok by itself');
SELECT is((SELECT row(decided_by, text)::text FROM capa.follow_up_period WHERE follow_up = 4 AND no = 1), '(system,"it did not recur, over covered time")', 'by events');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-4","result":"ok","text":"t"}'), '^CA001 FU-4 proves by itself', 'a person cannot say so before');
-- uncovered time extends a period
SELECT day('2026-09-01 09:00Z');
SELECT away_to('2026-09-11 09:00Z');
SELECT day('2026-10-16 09:00Z');
SELECT is(periods('FU-4'), '1 ok 2026-08-17, 2 - 2026-10-25', 'ten days that nobody heard make it ten days longer');
SELECT matches(last_message('follow_up.changed') -> 'data' ->> 'sentence', 'goes on to 2026-10-25 1[67]:.. UTC, because 10d of it were not covered$', 'and it is said');
SELECT is((SELECT due::date::text FROM capa.deadline WHERE follow_up = 4 AND met_at IS NULL), '2026-10-25', 'its deadline too');
SELECT day('2026-10-26 09:00Z');
SELECT is(periods('FU-4'), '1 ok 2026-08-17, 2 ok 2026-10-25, 3 - 2026-12-15', 'the next one ends on the calendar again');
-- a late fail of an earlier time condemns nothing
SELECT is(test.one('a-late', jsonb_build_object('fp', 'a', 'time', capa.now() - interval '3 days')) #>> '{results,0,effect}', 'reopened', 'a fail after the closing reopens the NC');
SELECT is(periods('FU-4'), '1 ok 2026-08-17, 2 ok 2026-10-25, 3 - 2026-12-15', 'but observed in a period that is over it fails no other');
SELECT is(test.one('a-2', '{"fp":"a"}') #>> '{results,0,effect}', 'occurrence', 'one in the period');
SELECT is(periods('FU-4') || ' ' || (fu('FU-4') ->> 'state'), '1 ok 2026-08-17, 2 ok 2026-10-25, 3 failed 2026-12-15 failed', 'fails it at once, and with an end it is over');
SELECT is((SELECT row(role, action, eventno IS NOT NULL)::text FROM capa.evidence WHERE nc = 2 ORDER BY id DESC LIMIT 1), '(follow_up,2,t)', 'the event is evidence');
SELECT is((SELECT cycle FROM capa.nc WHERE id = 2), 2, 'and there is no further cycle');

-- uncovered for good: missed, not ok
SELECT is(closed('b'), 'NC-3', 'another one');
SELECT is(add_('anna', '{"ref":"NC-3","kind":"no_recurrence","every":"10d","owner":"olga"}'), 'FU-5', 'a standing one');
SELECT is(test.rules('{"rules":[]}', 'b') ->> 'changed', 'true', 'and its rule is taken away');
SELECT day('2026-11-06 09:00Z');
SELECT is((SELECT row(outcome, due > capa.now())::text FROM capa.follow_up_period WHERE follow_up = 5), '(,t)', 'the period goes on');
SELECT day('2026-11-18 09:00Z');
SELECT is(periods('FU-5'), '1 missed 2026-11-16, 2 - 2026-11-25', 'to twice its length; then it is missed: that nobody could hear is no proof') ;
SELECT matches((SELECT text FROM capa.follow_up_period WHERE follow_up = 5 AND no = 1), '^not proved: ', 'and says why');
SELECT is(test.rules() ->> 'changed', 'true', 'the rule comes back');

-- evidence: a pass in each period
SELECT is(closed('c'), 'NC-4', 'another one');
SELECT is(add_('anna', '{"ref":"NC-4","kind":"evidence","every":"1mo","owner":"olga","title":"test restoration monthly"}'), 'FU-6', 'a pass each month');
SELECT clock_by('1 day');
SELECT is(test.one('c-p1', '{"fp":"c","effect":"pass"}') #>> '{results,0,effect}', 'evidence', 'a pass, of a closed one');
SELECT is(periods('FU-6'), '1 ok 2026-12-18, 2 - 2027-01-18', 'meets the period');
SELECT is((SELECT row(role, eventno IS NOT NULL)::text FROM capa.evidence WHERE nc = 4 ORDER BY id DESC LIMIT 1), '(follow_up,t)', 'and is kept as evidence');
CREATE TEMPORARY TABLE seen AS SELECT count(*) AS n FROM capa.journal;
SELECT is(test.one('c-p2', '{"fp":"c","effect":"pass"}') #>> '{results,0,effect}', 'evidence', 'a second one in the period');
SELECT is((SELECT count(*) FROM capa.journal) - (SELECT n FROM seen), 0::bigint, 'changes nothing');
SELECT day('2026-12-18 18:00Z');
SELECT is(test.one('c-p3', jsonb_build_object('fp', 'c', 'effect', 'pass', 'time', capa.now() - interval '3 days')) #>> '{results,0,effect}', 'evidence', 'one observed before the period, delivered late');
SELECT is(periods('FU-6'), '1 ok 2026-12-18, 2 - 2027-01-18', 'does not count for it');
SELECT day('2027-01-18 16:00Z');
SELECT is(test.one('c-p4', jsonb_build_object('fp', 'c', 'effect', 'pass', 'time', capa.now() - interval '2 days')) #>> '{results,0,effect}', 'evidence', 'one observed in the period, late but in time');
SELECT is(periods('FU-6'), '1 ok 2026-12-18, 2 ok 2027-01-18, 3 - 2027-02-18', 'does');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-6","result":"ok","text":"seen"}'), '^CA001 The period', 'a person cannot be ahead of it');
SELECT day('2027-01-20 09:00Z');
SELECT matches(refusal('follow_up.record', 'olga', '{"ref":"FU-6","result":"ok","text":"seen"}'), '^CA001 FU-6 is proved by events; said by a person it needs evidence', 'nor say it without evidence');
SELECT day('2027-03-22 09:00Z');
SELECT is(periods('FU-6'), '1 ok 2026-12-18, 2 ok 2027-01-18, 3 missed 2027-02-18, 4 missed 2027-03-18, 5 - 2027-04-19', 'two months without one');
SELECT is(state('NC-4') || (SELECT no || begun_by FROM capa.cycle WHERE nc = 4 ORDER BY no DESC LIMIT 1), 'triaged2follow_up', 'reopen it');
SELECT is((SELECT result FROM capa.action WHERE nc = 4 AND kind <> 'correction'), 'effective', 'what was only missed says nothing against the action');
SELECT is((last_message('nc.reopened') -> 'data' ->> 'sentence'), 'FU-6 was missed twice in a row: test restoration monthly', 'nc.reopened says why');

-- failed by hand: reopened, the action was ineffective, and a check that somebody does goes on
SELECT is(closed('d'), 'NC-5', 'another one');
SELECT is(add_('anna', '{"ref":"NC-5","kind":"manual","every":"3mo","for":"x2","owner":"olga"}'), 'FU-7', 'audited each quarter');
SELECT is(say('follow_up.record', 'olga', jsonb_build_object('ref', 'FU-7', 'result', 'failed', 'text', '3 of 10 not reviewed', 'evidence', link())) ->> 'state', 'triaged', 'one failed reopens it');
SELECT is((SELECT result FROM capa.action WHERE nc = 5 AND kind <> 'correction') || ' ' || (fu('FU-7') ->> 'state'), 'ineffective running', 'its action was ineffective; the audits go on');
SELECT is((SELECT count(*)::int FROM capa.guard g JOIN capa.nc n ON n.grade = g.grade WHERE n.id = 5 AND g.into_state = 'contained' AND g.way = 'main'), jsonb_array_length(capa.missing(5)) + 1, 'the cycle asks for its own facts');

-- in verifying: failed is recurrence; dry runs change nothing; a check of an open one, rejected, or whose failure is another NC
SELECT is(test.one('e-0', '{"fp":"e"}') #>> '{results,0,nc}', 'NC-6', 'another one');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-6","kind":"manual","every":"1mo","owner":"olga","dry_run":true}'), '^CA000', 'a dry run');
SELECT is((SELECT count(*)::int FROM capa.follow_up WHERE nc = 6), 0, 'adds nothing');
SELECT matches(refusal('follow_up.add', 'anna', '{"ref":"NC-6","kind":"manual","every":"1mo","owner":"olga","if_version":99}'), '^CA005', 'nor does a stale version');
SELECT is(add_('anna', '{"ref":"NC-6","kind":"manual","every":"1mo","owner":"olga","title":"look"}'), 'FU-9', 'of an open one');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-9","result":"failed","text":"bad"}') ->> 'state', 'triaged', 'failed while it is open anyway');
SELECT is((SELECT row(n.cycle, r.value ->> 'text')::text FROM capa.nc n JOIN capa.record r ON r.nc = n.id WHERE n.id = 6 AND r.fact = 'note'), '(1,"FU-9 failed: look: bad; NC-6 is triaged")', 'is a note');
SELECT is(say('reject', 'ina', '{"nc":"NC-6","reason":"no failure"}') ->> 'state', 'rejected', 'rejected');
SELECT is(fu('FU-9') ->> 'state', 'running', 'its follow-up is not stopped by that');
SELECT day('2027-05-03 09:00Z');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-9","result":"failed","text":"still bad"}') ->> 'state', 'rejected', 'failed, it stays rejected');
SELECT is((SELECT r.value ->> 'text' FROM capa.record r WHERE r.nc = 6 AND r.fact = 'note' ORDER BY id DESC LIMIT 1), 'FU-9 failed: look: still bad; NC-6 is rejected', 'and somebody reads a note');
SELECT is(closed('g'), 'NC-7', 'another one');
DO $$ BEGIN PERFORM say('reopen', 'ina', '{"nc":"NC-7","reason":"too early"}'); END $$;
SELECT is(add_('anna', '{"ref":"NC-7","kind":"manual","every":"1mo","owner":"olga"}'), 'FU-10', 'added in its second cycle');
CREATE FUNCTION to_verifying() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ca text;
BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', 'NC-7', 'text', 'ran it', 'consequences', 'none', 'evidence', link()));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', 'NC-7', 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', 'NC-7', 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', 'NC-7', 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  ca := say('action.add', 'anna', jsonb_build_object('nc', 'NC-7', 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', 'NC-7', 'method', 'manual', 'text', 'a sample'));
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', link()));
  RETURN state('NC-7');
END $$;
SELECT is(to_verifying(), 'verifying', 'while its effectiveness is being proved');
SELECT is(say('follow_up.record', 'olga', '{"ref":"FU-10","result":"failed","text":"bad"}') ->> 'state', 'triaged', 'a failed check is recurrence');
SELECT is((last_message('nc.recurred') -> 'data' ->> 'follow_up') || (SELECT cycle FROM capa.nc WHERE id = 7), 'FU-103', 'told as such, in a third cycle');
-- standing, longer than an NC is reopened by its failures
SELECT is(closed('h'), 'NC-8', 'another one');
SELECT is(add_('anna', '{"ref":"NC-8","kind":"no_recurrence","every":"6mo","owner":"olga"}'), 'FU-11', 'to stand for years');
SELECT day('2028-11-20 09:00Z');
SELECT matches(periods('FU-11'), '^1 ok 2027-11-03, 2 ok 2028-05-03, 3 ok 2028-11-03, 4 - ', 'quiet for a year and a half');
SELECT is(test.one('h-1', '{"fp":"h"}') #>> '{results,0,nc}', 'NC-9', 'then it fails: a new NC, so long after');
SELECT matches(periods('FU-11'), ', 4 failed [0-9-]+, 5 - ', 'and the old one''s follow-up hears it; standing, it goes on');
SELECT is(state('NC-8'), 'closed', 'the old one stays closed: the new one speaks for the failure');
SELECT is(test.one('h-2', '{"fp":"h"}') #>> '{results,0,effect}', 'occurrence', 'the next fail');
SELECT matches(periods('FU-11'), ', 4 failed [0-9-]+, 5 - [0-9-]+$', 'changes nothing more in the period');
-- who speaks for a fingerprint is decided by one at a time: an NC is being reopened while a follow-up of another one of its fingerprint fails
RESET ROLE;
CREATE FUNCTION session(name_ text) RETURNS text LANGUAGE sql AS $$
  SELECT dblink_connect(name_, format('host=%s dbname=%s user=%s', current_setting('unix_socket_directories'), current_database(), current_user))
$$;
-- as many ticks as it takes, in one transaction: what the last one says
CREATE FUNCTION ticks() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t jsonb;
BEGIN
  LOOP
    t := capa.tick_deadlines(10000);
    EXIT WHEN NOT (t ->> 'more')::boolean;
  END LOOP;
  RETURN t;
END $$;
SELECT closed('twin') AS first \gset
SELECT clock_by('400 days');
SELECT test.one('twin-1', '{"fp":"twin"}') #>> '{results,0,nc}' AS second \gset
SELECT do_('reject', 'ina', jsonb_build_object('nc', :'second', 'reason', 'a test'));
SELECT add_('anna', jsonb_build_object('ref', :'first', 'kind', 'manual', 'every', '10d')) AS fu \gset
SELECT clock_by('9 days');
SELECT tick();
SELECT clock_by('6 days');
SELECT session('a') || session('b');
SELECT dblink_exec('a', 'BEGIN');
SELECT is((SELECT r FROM dblink('a', format($$SELECT refusal('reopen', 'ina', '{"nc":"%s","reason":"r"}')$$, :'second')) AS t(r text)), 'OK', 'one is being reopened');
SELECT dblink_exec('b', 'BEGIN');
SELECT cmp_ok((SELECT (t ->> 'skipped')::int FROM dblink('b', 'SELECT ticks()') AS x(t jsonb)), '>=', 1, 'a tick leaves the follow-up of the other one for an instant');
SELECT is((SELECT t -> 'periods' -> 0 ->> 'outcome' FROM dblink('b', format('SELECT capa.follow_up_object(%s)', substr(:'fu', 4))) AS x(t jsonb)), NULL, 'undecided');
SELECT dblink_exec('b', 'ROLLBACK');
SELECT is(dblink_send_query('b', format($$SELECT refusal('follow_up.record', 'anna', '{"ref":"%s","result":"failed","text":"found again"}')$$, :'fu')), 1, 'a person records that it failed');
DO $$ BEGIN
  FOR i IN 1 .. 200 LOOP EXIT WHEN EXISTS (SELECT FROM test.waiting); PERFORM pg_sleep(0.01); END LOOP;
END $$;
SELECT is((SELECT count(*) > 0 FROM test.waiting), true, 'and waits');
SELECT dblink_exec('a', 'COMMIT');
SELECT is((SELECT r FROM dblink_get_result('b', false) AS t(r text)), 'OK', 'then it is recorded');
SELECT is(state(:'first') || ' ' || state(:'second'), 'closed triaged', 'and only one of them is open');
-- many periods passed while nobody was there: a tick does a few, and the next one goes on
SELECT day(capa.now());
SELECT say('raise', 'anna', '{"title":"looked at daily","owner":"anna"}') ->> 'ref' AS daily \gset
SELECT add_('anna', jsonb_build_object('ref', :'daily', 'kind', 'manual', 'every', '86400s')) AS fu \gset
SELECT clock_by('40 days 1 hour');
SELECT is((api.tick() ->> 'next_ms')::int, 0, 'a tick has more to do');
SELECT cmp_ok((fu(:'fu') ->> 'missed')::int, '<=', 10, 'after a few periods');
SELECT tick();
SELECT is((fu(:'fu') ->> 'missed')::int, 40, 'in the end each has passed');
SELECT is((SELECT next_at > capa.now() FROM capa.deadline WHERE 'FU-' || follow_up = :'fu' AND met_at IS NULL AND void_at IS NULL ORDER BY due DESC LIMIT 1), true, 'and the running one waits');
SELECT * FROM finish();
