-- Dates from outside the policy: clocks of the law, months and leap days, time zones and the change to summer time, and a deadline
-- without a date, which is none.
\ir method.sql
SELECT plan(42);
DO $$ BEGIN
  PERFORM load_policy('{"calendars":{"office":{"zone":"Europe/Berlin","hours":{"mon":["09:00","17:00"],"tue":["09:00","17:00"],
    "wed":["09:00","17:00"],"thu":["09:00","17:00"],"fri":["09:00","17:00"]},"holidays":[]}}}');
END $$;
CREATE FUNCTION due_of(nc_ int, label_ text) RETURNS text LANGUAGE sql AS $$
  SELECT capa.rfc3339(due) FROM capa.deadline WHERE nc = nc_ AND coalesce(label, kind) = label_ ORDER BY id DESC LIMIT 1
$$;

-- NIS2, from when it became known
SELECT clock_to('2026-01-28 11:00Z');
SELECT do_('raise', 'rita', '{"title":"Mail server taken over","grade":"minor","owner":"anna","controls":"A.5.24","statement":"s","aware_at":"2026-01-28T09:00:00Z","source_kind":"incident"}');
SELECT matches(refusal('clock', 'anna', '{"nc":1,"law":"dora"}'), '^CA003 "law" cannot be "dora"', 'a law that capad does not know');
SELECT matches(refusal('clock', 'anna', '{"nc":1,"law":"nis2","from":"2026-02-01T00:00:00Z"}'), '^CA001 The clock cannot start in the future', 'not from the future');
SELECT matches(refusal('clock', 'rita', '{"nc":1,"law":"nis2"}', NULL, '{reporter}'), '^CA004 ', 'a role is needed');
SELECT is(jsonb_array_length(say('clock', 'anna', '{"nc":1,"law":"nis2"}') -> 'obligations'), 3, 'three dates');
SELECT is(due_of(1, 'nis2_early_warning'), '2026-01-29T09:00:00.000000Z', 'early warning: 24 hours after it became known');
SELECT is(due_of(1, 'nis2_notification'), '2026-01-31T09:00:00.000000Z', 'notification: 72 hours');
SELECT is(due_of(1, 'nis2_final_report'), '2026-02-28T09:00:00.000000Z', 'final report: a month after that, which has no 31st');
SELECT matches(refusal('clock', 'anna', '{"nc":1,"law":"nis2"}'), '^CA001 The clock of nis2 runs for NC-1 already', 'asked twice');
SELECT is((SELECT count(*) FROM capa.obligation), 3::bigint, 'and nothing was added');
SELECT is((SELECT bool_and(d.exact AND d.grade = 'critical' AND NOT d.steps::text LIKE '%hours%') FROM capa.deadline d WHERE d.kind = 'clock'), true,
  'exact, of the critical ladder, waiting for no hours, though the NC is minor');
SELECT matches(refusal('extend', 'anna', '{"ref":"NC-1","deadline":"nis2_early_warning","to":"2026-02-02","reason":"busy"}'),
  '^CA001 nis2_early_warning of NC-1 is a date of the law: nobody extends it', 'not extended');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":1,"label":"nis2_early_warning","due":"2026-01-28T12:00:00Z"}'), '^CA001 .* is a date of the law', 'nor set');
SELECT is((SELECT topic FROM capa.journal WHERE topic = 'deadline.added'), 'deadline.added', 'the bus is told');
SELECT is((SELECT next_due ->> 'kind' FROM capa.next_due WHERE nc = 1), 'clock', 'it is the next date of the NC');
-- a ladder at night and on a Saturday, named critical
SELECT clock_to('2026-01-31 09:00:01Z');
SELECT api.tick();
SELECT ok((SELECT count(*) > 0 FROM capa.journal WHERE topic = 'escalation.L1.critical'), 'missed on a Saturday: escalated at once, as critical');
SELECT is((SELECT overdue FROM capa.next_due WHERE nc = 1), true, 'and overdue');
-- met, and what follows from it
SELECT matches(refusal('deadline.met', 'anna', '{"nc":1,"label":"nis2"}'), '^CA001 No obligation "nis2" of NC-1 runs', 'which one?');
SELECT do_('deadline.met', 'anna', '{"nc":1,"label":"nis2_early_warning","text":"sent late"}');
SELECT is((SELECT late FROM capa.deadline WHERE label = 'nis2_early_warning'), true, 'met late is late');
SELECT clock_to('2026-01-31 14:00Z');
SELECT do_('deadline.met', 'anna', '{"nc":1,"label":"nis2_notification","evidence":[{"url":"https://authority.example.org/receipt/9"}]}');
SELECT is((SELECT due FROM capa.obligation WHERE label = 'nis2_final_report'), capa.month_after((SELECT met_at FROM capa.obligation WHERE label = 'nis2_notification'), 'Europe/Berlin'),
  'the final report is due a month after the notification was made');
SELECT is(left(due_of(1, 'nis2_final_report'), 16), '2026-02-28T14:00', 'its deadline moved');
SELECT is((SELECT left(capa.rfc3339(due_original), 16) FROM capa.deadline WHERE label = 'nis2_final_report'), '2026-02-28T09:00', 'and its first date stays');
SELECT is((SELECT count(*) FROM capa.evidence WHERE nc = 1), 1::bigint, 'the receipt is evidence');
SELECT matches(refusal('deadline.met', 'anna', '{"nc":1,"label":"nis2_notification"}'), '^CA001 No obligation', 'met once');
-- GDPR, from a moment given; it outlives the closing, and ends with a rejection
SELECT do_('clock', 'anna', '{"nc":1,"law":"gdpr","from":"2026-01-31T13:30:00Z"}');
SELECT is(due_of(1, 'gdpr_notification'), '2026-02-03T13:30:00.000000Z', '72 hours from the moment given');
SELECT do_('reject', 'ina', '{"nc":1,"reason":"was another organisation"}');
SELECT is((SELECT string_agg(label || ' ' || CASE WHEN void_at IS NOT NULL THEN 'void' ELSE 'met' END, ', ' ORDER BY label) FROM capa.deadline WHERE kind = 'clock'),
  'gdpr_notification void, nis2_early_warning met, nis2_final_report void, nis2_notification met', 'rejected: what runs is void');
SELECT matches(refusal('clock', 'anna', '{"nc":1,"law":"gdpr"}'), '^CA001 NC-1 is rejected', 'no clock on a rejected one');

-- months and summer time
SELECT is(capa.month_after('2028-01-31 12:00Z', 'UTC'), '2028-02-29 12:00Z'::timestamptz, 'a leap year has a 29th');
SELECT is(capa.month_after('2026-02-28 22:30+01', 'Europe/Berlin'), '2026-03-28 22:30+01'::timestamptz, 'the same time of day');
SELECT is(capa.month_after('2026-03-15 09:00+01', 'Europe/Berlin'), '2026-04-15 09:00+02'::timestamptz, 'also where the clocks were put forward between');
SELECT is(capa.month_after('2026-02-28 23:30Z', 'Europe/Berlin'), '2026-04-01 00:30+02'::timestamptz, 'in the organisation''s zone it was the 1st of March already');
SELECT is(capa.month_after('2026-12-31 12:00Z', 'UTC'), '2027-01-31 12:00Z'::timestamptz, 'over the year');

-- "31 March" is the end of that day where the organisation is
SELECT clock_to('2026-03-02 08:00Z');
SELECT do_('raise', 'rita', '{"title":"Finding","grade":"minor","owner":"anna","controls":"A.8.13","statement":"s"}');
SELECT do_('deadline.add', 'anna', '{"nc":2,"label":"answer","due":"2026-03-31"}');
SELECT is(due_of(2, 'answer'), '2026-03-31T15:00:00.000000Z', 'a date is the end of its working day, in summer time');
SELECT do_('deadline.add', 'anna', '{"nc":2,"label":"letter","due":"2026-03-27"}');
SELECT is(due_of(2, 'letter'), '2026-03-27T16:00:00.000000Z', 'and in winter time');
SELECT do_('deadline.add', 'anna', '{"nc":2,"label":"leap","due":"2028-02-29"}');
SELECT is(due_of(2, 'leap'), '2028-02-29T16:00:00.000000Z', 'a leap day');
SELECT matches(refusal('deadline.add', 'anna', '{"nc":2,"label":"none","due":"2027-02-29"}'), '^CA003 "due" names no day of the calendar', 'which the year after does not have');
SELECT do_('deadline.add', 'anna', '{"nc":2,"label":"night","due":"2026-03-29T02:30:00+01:00"}');
SELECT is(due_of(2, 'night'), '2026-03-29T01:30:00.000000Z', 'a time with its zone is that moment, whatever the clocks do');

-- no date is no deadline
SELECT do_('contain', 'anna', '{"nc":2,"not_applicable":"x","consequences":"none"}');
SELECT do_('cause', 'anna', '{"nc":2,"text":"c","category":"process"}');
SELECT do_('similar', 'anna', '{"nc":2,"elsewhere":"no"}');
SELECT do_('need', 'anna', '{"nc":2,"need":"yes","reason":"r"}');
SELECT do_('action.add', 'anna', '{"nc":2,"title":"without a date","owner":"bob","expect":"e"}');
SELECT is((SELECT count(*) FROM capa.deadline WHERE kind = 'action'), 0::bigint, 'an action without a due date has no deadline');
SELECT is((SELECT capa.action_object(max(id)) ->> 'overdue' FROM capa.action), 'false', 'and is not overdue');
SELECT clock_to('2026-03-03 08:00Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2 AND action IS NOT NULL), 0::bigint, 'nothing is escalated for it');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('due', 'anna', '{"within":"3d"}')) d WHERE d ->> 'kind' = 'action'), 0::bigint, 'nor is it due');
-- a clock that was put back
SELECT clock_to('2026-03-02 12:00Z');
SELECT lives_ok($$ SELECT do_('note', 'anna', '{"ref":"NC-2","text":"back in time"}') $$, 'a clock put back breaks nothing');
SELECT is((SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS before_ FROM capa.journal) j WHERE j.at <= j.before_), 0::bigint, 'the journal''s time rises all the same');
SELECT * FROM finish();
