-- Covered time (SEMANTICS section 5): who was there to hear, windows of event_silence that count only that, and what never counts as a
-- pass; sources that a rule expects to hear. The wall clock decides about presence; a moved capa.clock is no gap. Absence in a partial, failed or differently configured run
-- is not a pass.
\ir lib/send.psql
\ir method.sql
SELECT plan(78);
SELECT clock_to('2026-01-05 09:00Z');

CREATE FUNCTION rules(hash_ text, letter text, more text DEFAULT 'x') RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', CASE WHEN hash_ IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object('id', 'backup-failed', 'hash', hash_,
    'title', 'Backup failed', 'effect', 'fail', 'owner', 'ops', 'controls', '["A.8.13"]'::jsonb, 'triaged', true, 'policy', 'default', 'growth', '[]'::jsonb)) END
    || jsonb_build_array(jsonb_build_object('id', 'other', 'hash', more, 'title', 'Other', 'effect', 'fail', 'policy', 'default', 'growth', '[]'::jsonb))), letter) ->> 'changed'
$$;
-- Nobody ticks for a time: the wall clock of the newest beat lies further back.
CREATE FUNCTION away(time_ interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE capa.presence SET beat = beat - interval '5 minutes' WHERE id = (SELECT max(id) FROM capa.presence);
  PERFORM clock_by(time_);
END $$;
-- An NC in verifying with this criterion, its action done now. Returns its reference.
CREATE FUNCTION verifying(fp text, criterion jsonb, letter text DEFAULT 'a') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.send(jsonb_build_array(jsonb_build_object('id', fp || '-0', 'fp', fp)), NULL, letter) #>> '{0,results,0,nc}';
  ca text;
BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref) || criterion);
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  RETURN ref;
END $$;
CREATE FUNCTION ends(ref text) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(date_trunc('minute', window_end + interval '30 s') AT TIME ZONE 'UTC', 'MM-DD HH24:MI') FROM capa.fact WHERE 'NC-' || nc = ref
$$;
CREATE FUNCTION tick() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WHILE (api.tick() ->> 'more')::boolean OR EXISTS (SELECT FROM capa.deadline WHERE next_at <= capa.now()) LOOP END LOOP;
END $$;
CREATE FUNCTION gaps(from_ text, to_ text, hash_ text DEFAULT 'h0') RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(to_char(u.from_at AT TIME ZONE 'UTC', 'MM-DD') || '/' || to_char(u.to_at AT TIME ZONE 'UTC', 'MM-DD') || ' ' || u.why, ', '), '')
  FROM capa.uncovered('backup-failed', hash_, from_::timestamptz, to_::timestamptz) u WHERE u.to_at - u.from_at > interval '1 minute'
$$;

-- presence
SELECT is(gaps('2026-01-01', '2026-01-05 09:00Z'), '01-01/01-05 capad or its database was away, 01-01/01-05 no rule of this name was loaded',
  'before anybody was there nothing is covered');
SELECT is(rules('h0', 'a'), 'true', 'the rules are loaded');
SELECT clock_by('3 days');
SELECT is(gaps('2026-01-05 09:01Z', '2026-01-08'), '', 'a moved clock is no gap');
SELECT is((SELECT count(*)::int FROM capa.presence), (SELECT count(*)::int FROM capa.presence WHERE from_at <= to_at), 'intervals are intervals');
SELECT away('2 days'); -- 01-08 to 01-10
SELECT is(gaps('2026-01-05 09:01Z', '2026-01-10 09:00Z'), '01-08/01-10 capad or its database was away', 'a time without ticks by the wall clock is one');
SELECT is(gaps('2026-01-05 09:01Z', '2026-02-10 09:00Z'), '01-08/01-10 capad or its database was away', 'what is still to come counts as covered');
SELECT is(gaps('2026-01-09', '2026-01-09 12:00Z'), '01-09/01-09 capad or its database was away', 'only what was asked for is given');
UPDATE capa.presence SET beat = beat - interval '5 minutes' WHERE id = (SELECT max(id) FROM capa.presence);
SELECT clock_to('2026-01-12 09:00Z');
SELECT is((SELECT count(*)::int FROM capa.presence WHERE from_at >= '2026-01-12 09:00Z'), 1, 'a new interval begins after a gap');
SELECT capa.present();
SELECT is((SELECT count(*)::int FROM capa.presence WHERE to_at >= '2026-01-12 09:00Z'), 1, 'and is extended by what follows');
UPDATE capa.presence SET beat = beat - interval '20 seconds' WHERE id = (SELECT max(id) FROM capa.presence);
SELECT clock_by('20 seconds');
SELECT is((SELECT to_at - from_at >= interval '20 seconds' FROM capa.presence ORDER BY id DESC LIMIT 1), true, 'ticks less than a minute apart leave no gap');
SELECT is((SELECT count(*)::int FROM capa.journal_body WHERE body LIKE '%presence%'), 0, 'presence is not the register');

-- the window of event_silence
SELECT is(ends(verifying('s1', '{"method":"event_silence","window":"10d"}')), '01-22 17:00', 'a window ends where the calendar says'); -- NC-1
SELECT is(ends(verifying('m1', '{"method":"manual","text":"a sample","window":"10d"}')), '01-22 17:00', 'also one that is judged by hand'); -- NC-2
SELECT is(ends(verifying('p1', '{"method":"pass_count","passes":1,"window":"10d"}')), '01-22 17:00', 'or by passes'); -- NC-3
SELECT away('1 day'); -- 01-12 to 01-13
SELECT is(ends('NC-1'), '01-23 17:00', 'uncovered time makes it later by its own length');
SELECT is(ends('NC-2') || ' ' || ends('NC-3'), '01-22 17:00 01-22 17:00', 'what does not rest on silence stays');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') #>> '{criterion,covered,uncovered,0,why}', 'capad or its database was away', 'show says when and why');
SELECT matches(say('show', 'anna', '{"ref":"NC-1"}') #>> '{criterion,covered,sentence}', '^covered .*; source unwatched', 'and that nothing watches the source');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') #> '{criterion,covered,watched}', 'false', 'in a word');
SELECT is(say('show', 'anna', '{"ref":"NC-2"}') #> '{criterion,covered}', NULL, 'a criterion by hand has nothing to cover');

-- rules: alone, changed, removed
SELECT clock_by('1 day');
SELECT is(rules('h0', 'b', 'y'), 'true', 'another rule changes');
SELECT is(ends('NC-1'), '01-23 17:00', 'a reload that leaves the rule alone does not interrupt');
SELECT rules(NULL, 'c');
SELECT clock_by('1 day'); -- 01-14 to 01-15 without the rule
SELECT rules('h0', 'd');
SELECT is(gaps('2026-01-13 10:00Z', '2026-01-16'), '01-14/01-15 no rule of this name was loaded', 'without the rule nobody hears');
SELECT is(ends('NC-1'), '01-24 17:00', 'and the window ends later again');
SELECT rules('h9', 'e');
SELECT away('1 day'); -- 01-15 to 01-16: changed and away
SELECT is(ends('NC-1'), '01-25 17:00', 'two causes at once count once');
SELECT clock_to('2026-01-26 18:00Z');
SELECT is((SELECT window_end > capa.now() FROM capa.fact WHERE nc = 1), true, 'absence under a changed rule is not a pass: the window stays open');
SELECT tick();
SELECT is((SELECT row(met_at IS NULL, due > capa.now())::text FROM capa.deadline WHERE nc = 1 AND kind = 'window'), '(t,t)', 'its deadline moves with it');
SELECT is((SELECT count(*)::int FROM capa.deadline WHERE nc = 1 AND kind = 'verify' AND void_at IS NULL), 1, 'and the verdict''s, in the same row');
SELECT is((SELECT v.started_at = w.due FROM capa.deadline v, capa.deadline w WHERE v.nc = 1 AND v.kind = 'verify' AND w.nc = 1 AND w.kind = 'window'), true, 'behind it');
SELECT matches(refusal('verify', 'vera', '{"nc":"NC-1","verdict":"effective","text":"quiet"}'), '^CA001 NC-1 cannot be judged effective yet: the window is open until .*, later by the time that was not covered', 'so nobody can say that it was effective');
SELECT is(say('criterion', 'anna', '{"nc":"NC-1","method":"event_silence","window":"10d"}') ->> 'state', 'verifying', 'a new criterion takes the changed rule');
-- under h9 from 01-15 09:00 (away until 01-16 09:00): 10 days and 8 hours of covered time are reached on 01-26 at 17:00
SELECT is(ends('NC-1'), '01-26 17:00', 'then the time under it counts, and only that');
SELECT tick();
SELECT is(state('NC-1'), 'verifying', 'the system never closes on silence');
SELECT is((SELECT met_at IS NOT NULL FROM capa.deadline WHERE nc = 1 AND kind = 'window' ORDER BY id DESC LIMIT 1), true, 'the window has ended');
SELECT is(say('verify', 'vera', '{"nc":"NC-1","verdict":"effective","text":"quiet for ten covered days"}') ->> 'state', 'closed', 'a person may say it');
SELECT is((SELECT count(*)::int FROM capa.deadline WHERE nc = 1 AND met_at IS NULL AND void_at IS NULL), 0, 'and no deadline is left');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') #> '{criterion,covered}' ->> 'to', capa.rfc3339((SELECT window_end FROM capa.fact WHERE nc = 1)), 'closed, it still says what was covered');

-- passes: silence is never one
SELECT is(state('NC-3'), 'verifying', 'without its pass it does not close, however long nothing fails');
SELECT is(test.send('[{"id":"p1-1","fp":"p1","effect":"pass"}]', NULL, 'e') #>> '{0,results,0,effect}', 'evidence', 'a pass comes');
SELECT is(state('NC-3'), 'closed', 'a minor one is closed by it');

-- a fail in uncovered time is a fail
SELECT is(state(verifying('f1', '{"method":"event_silence","window":"10d"}', 'e')), 'verifying', 'another one is being proved');
SELECT rules('h10', 'f');
SELECT clock_by('1 day');
SELECT is(test.send('[{"id":"f1-1","fp":"f1"}]', NULL, 'f') #>> '{0,results,0,effect}', 'recurred', 'a fail under the changed rule is recurrence all the same');
-- the rule of an NC that was never loaded again
SELECT is((capa.covered_end('nobody', 'h', capa.now() - interval '1 day', capa.now() + interval '1 day', capa.now())).open_, true, 'an unknown rule is never covered');
SELECT is(gaps(capa.now()::text, (capa.now() - interval '1 day')::text), '', 'a time that ends before it begins is empty');
-- watched sources: another rule says how often its asset or its source is heard
CREATE FUNCTION expecting(letter text, names text, hash_ text, expect jsonb DEFAULT '{"kind":"every","every":{"s":86400},"grace":{"s":7200},"by":"/subject"}') RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', jsonb_build_array(
    '{"id":"backup-failed","hash":"h10","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default","growth":[]}'::jsonb,
    jsonb_build_object('id', 'backup-due', 'hash', hash_, 'title', 'No backup', 'effect', 'missing', 'controls', '["A.8.13"]'::jsonb, 'policy', 'default', 'growth', '[]'::jsonb,
      'expect', expect || CASE WHEN names IS NULL THEN '{}' ELSE jsonb_build_object('subjects', (SELECT jsonb_agg(jsonb_build_object('name', x, 'fp', test.fp('due' || x)))
                                                                                                FROM jsonb_array_elements_text(names::jsonb) x)) END))), letter) ->> 'changed'
$$;
CREATE FUNCTION heard(id text, subject text, letter text DEFAULT '2', effect text DEFAULT 'pass') RETURNS text LANGUAGE sql AS $$
  SELECT test.send(jsonb_build_array(jsonb_build_object('id', id, 'fp', 'due' || subject, 'subject', subject, 'rule', 1, 'effect', effect)), NULL, letter) #>> '{0,status}'
$$;
CREATE FUNCTION said(ref text, VARIADIC path text[]) RETURNS text LANGUAGE sql AS $$
  SELECT say('show', 'anna', jsonb_build_object('ref', ref)) #>> ('{criterion,covered}'::text[] || path)
$$;
CREATE FUNCTION watched_by(ref text) RETURNS text LANGUAGE sql AS $$ SELECT array_to_string(capa.watched_by(n), ',') FROM capa.nc n WHERE 'NC-' || n.id = ref $$;
CREATE FUNCTION outages() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', subject, to_char(due AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), to_char(met_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI')), ', ' ORDER BY due, subject) FROM capa.missed
$$;
SELECT clock_to('2026-03-02 09:00Z');
SELECT is(expecting('1', '["db77"]', 'e1'), 'true', 'something else is expected');
SELECT verifying('w1', '{"method":"event_silence","window":"10d"}', '1') AS w \gset
SELECT clock_to('2026-03-05 09:00Z');
SELECT tick();
SELECT is(outages(), 'db77 03-03 11:00', 'and does not come');
SELECT is(concat_ws(' ', ends(:'w'), said(:'w', 'watched'), said(:'w', 'uncovered')), '03-12 17:00 false []', 'which says nothing of this source');
SELECT matches(said(:'w', 'sentence'), '; source unwatched: nothing says how often it should speak$', 'it is unwatched');
SELECT is(expecting('2', '["db77","db01"]', 'e2'), 'true', 'a rule expects its asset');
SELECT is(concat_ws(' ', ends(:'w'), said(:'w', 'watched'), said(:'w', 'uncovered')), '03-12 17:00 true []', 'then it is watched, and covered as long as nothing is missed');
SELECT matches(said(:'w', 'sentence'), '^covered [^;]*; source watched by backup-due$', 'and the sentence says by what');
SELECT clock_to('2026-03-06 09:00Z');
SELECT is(heard('d1', 'db01'), 'stored', 'it is heard');
SELECT clock_to('2026-03-07 10:00Z');
SELECT tick();
SELECT is(ends(:'w') || ' ' || said(:'w', 'uncovered'), '03-12 17:00 []', 'and nothing is uncovered');
SELECT clock_to('2026-03-07 13:00Z');
SELECT tick();
SELECT is(said(:'w', 'uncovered', '0', 'why'), 'db01 was not heard as backup-due expects', 'not heard, its silence is no proof');
SELECT is(ends(:'w'), '03-12 19:00', 'and the window ends later, by the time since it was due');
SELECT clock_to('2026-03-08 11:00Z');
SELECT tick();
SELECT tick();
SELECT is((SELECT count(*)::int FROM capa.missed WHERE subject = 'db01'), 1, 'one outage, however often it is looked at');
SELECT is(heard('d2', 'db01'), 'stored', 'it is heard again');
SELECT clock_to('2026-03-08 20:00Z');
SELECT tick();
SELECT is(ends(:'w'), '03-13 17:00', 'from then on it is covered');
SELECT is(left(said(:'w', 'uncovered', '0', 'from'), 16) || ' ' || left(said(:'w', 'uncovered', '0', 'to'), 16) || coalesce(said(:'w', 'uncovered', '1'), ''),
  '2026-03-07T11:00 2026-03-08T11:00', 'not covered: from what was due to what came');
SELECT heard('d3', 'db01');
SELECT capa.windows_prune();
SELECT is((SELECT count(*)::int FROM capa.passed WHERE fingerprint = decode(test.fp('duedb01'), 'hex')), 1, 'of what came only the newest is kept');
SELECT is(ends(:'w') || ' ' || outages(), '03-13 17:00 db77 03-03 11:00, db01 03-07 11:00 03-08 11:00', 'but not forgotten when the outage ended');
SELECT is((capa.expectation_covered(jsonb_populate_record(NULL::capa.expectation, jsonb_build_object('rule', 'backup-failed', 'rule_hash', 'h10', 'nc', substr(:'w', 4)::int)),
  '2026-03-07 10:00Z', '2026-03-08 10:00Z', '0', '2026-03-08 12:00Z')).extended, false, 'a grade that grows without a pass does not wait for a silent source');
SELECT test.send('[{"id":"own","fp":"duedb01","rule":1,"src":"capad"}]', NULL, '2') #>> '{0,results,0,nc}' AS own \gset
SELECT is(watched_by(:'own'), '', 'the rule that tells of the outage does not watch over its own NC');
SELECT test.send('[{"id":"q","fp":"q","src":"/quiet"}]', NULL, '2') #>> '{0,results,0,nc}' AS q \gset
SELECT is(watched_by(:'q'), 'backup-due', 'but over each other one of the asset');
SELECT is(expecting('3', '["/quiet"]', 'e3'), 'true', 'now a source is expected, and the asset no more');
SELECT is(watched_by(:'q'), 'backup-due', 'an NC of that source is watched');
SELECT is((SELECT count(*)::int FROM capa.missed WHERE met_at IS NULL), 0, 'an outage of what is expected no more has ended');
SELECT is(ends(:'w') || ' ' || said(:'w', 'watched'), '03-13 17:00 false', 'one of another source is not, and what was missed stays uncovered');
SELECT clock_to('2026-03-10 20:00Z');
SELECT tick();
SELECT is((SELECT string_agg(u.why, ', ') FROM capa.nc n, capa.uncovered(n.rule, 'h10', '2026-03-09 09:00Z', '2026-03-10 20:00Z', n.id) u WHERE 'NC-' || n.id = :'q'),
  '/quiet was not heard as backup-due expects', 'it counts as not heard where the source is the subject');
SELECT is(expecting('4', NULL, 'e4', '{"kind":"after","every":{"s":3600},"grace":{"s":0},"by":"/subject"}'), 'true', 'one event is expected after another');
SELECT is(heard('b1', 'db01', '4', 'begin'), 'stored', 'the first of them comes');
SELECT clock_to('2026-03-10 22:00Z');
SELECT is((SELECT count(*)::int FROM jsonb_array_elements(api.tick() -> 'expectations')), 1, 'the second does not');
SELECT is(concat_ws(' ', watched_by(:'w'), (SELECT count(*) FROM capa.missed WHERE due > '2026-03-10 20:00Z')), ' 0', 'which does not say how often anything should be heard');
-- what nothing can ask about any more is forgotten
CREATE TEMPORARY TABLE as_it_was AS SELECT id, state, closed_at FROM capa.nc;
CREATE FUNCTION pruned(before_ text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.missed_prune(before_::timestamptz);
  RETURN (SELECT coalesce(string_agg(DISTINCT subject, ' ' ORDER BY subject), '') FROM capa.missed WHERE met_at IS NOT NULL AND due < '2026-03-09');
END $$;
SELECT is(pruned('2026-03-08 11:00Z'), 'db01 db77', 'an outage that ended since is kept');
SELECT is(pruned('2026-03-11 09:00Z'), 'db01', 'one that no NC is about is forgotten, one in the window of an NC is not');
UPDATE capa.nc SET state = 'closed', closed_at = CASE WHEN 'NC-' || id = :'w' THEN '2026-03-07 12:00Z' ELSE '2026-03-07 10:00Z' END::timestamptz WHERE asset = 'db01';
SELECT is(pruned('2026-03-11 09:00Z'), 'db01', 'nor when that is closed: its window is still shown');
UPDATE capa.nc SET closed_at = '2026-03-07 10:00Z' WHERE 'NC-' || id = :'w';
INSERT INTO capa.follow_up (id, nc, kind, title, owner, every, author, added_at, state)
  VALUES (900, substr(:'w', 4)::int, 'no_recurrence', 't', 'o', '{"d":1}', 'a', now(), 'running');
SELECT is(pruned('2026-03-11 09:00Z'), 'db01', 'nor one after its closing while it has a follow-up');
DELETE FROM capa.follow_up WHERE id = 900;
SELECT is(pruned('2026-03-11 09:00Z'), '', 'one after all closings is');
UPDATE capa.nc n SET state = a.state, closed_at = a.closed_at FROM as_it_was a WHERE a.id = n.id;
SELECT * FROM finish();
