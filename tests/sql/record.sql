-- What the methods record and refuse: rules of single facts, retraction, rejection, versions, dry runs, bad input.
\ir method.sql
SELECT plan(85);
SELECT clock_to('2026-01-05 09:00Z');
SELECT do_('raise', 'rita', '{"title":"one","grade":"minor","owner":"anna","controls":["A.8.13","A.8.13"," "],"statement":"s","requirement":["R1","R2"],"labels":{"site":"b"},"external_ref":"F-3","supplier":"acme","source_kind":"supplier","aware_at":"2d"}');
SELECT is((SELECT row(controls, requirement, labels, external_ref, supplier, source_kind, aware_at::date)::text FROM capa.nc WHERE id = 1),
  (SELECT row('{A.8.13}'::text[], 'R1; R2', '{"site":"b"}'::jsonb, 'F-3', 'acme', 'supplier', '2026-01-03'::date)::text), 'all that raise takes');

-- correction
SELECT is(say('contain', 'anna', '{"nc":1,"not_applicable":"nothing to undo"}') ->> 'state', 'triaged', 'not applicable, but the consequences are missing');
SELECT is(facts_missing('NC-1'), 'consequences', 'and named');
SELECT is(say('contain', 'anna', '{"nc":1,"consequences":"none"}') ->> 'state', 'contained', 'contained');
SELECT is(refusal('contain', 'anna', '{"nc":1,"text":"x","not_applicable":"y"}'), 'CA003 Either a correction was made, or none applies: not both.', 'not both');
SELECT matches(refusal('contain', 'anna', '{"nc":1}'), '^CA003 contain was given nothing', 'not nothing');
SELECT is(say('retract', 'anna', '{"ref":"NC-1","fact":"not_applicable","reason":"there was"}') ->> 'state', 'triaged', 'retracted: back');
SELECT is((SELECT row(met_at IS NULL, due = due_original)::text FROM capa.deadline WHERE nc = 1 AND kind = 'contain'), '(t,t)', 'its deadline is open again, its date unchanged');
SELECT is(say('contain', 'anna', '{"nc":1,"text":"undid it"}') ->> 'state', 'triaged', 'a correction without evidence does not count');
SELECT is(facts_missing('NC-1'), 'correction_evidence', 'its evidence is missing');
SELECT is(say('evidence.add', 'anna', '{"ref":"CA-1","evidence":[{"name":"a","frame":0},{"name":"b","frame":0}]}', ARRAY['x'::bytea]) ->> 'state', 'contained', 'added later');
SELECT is((SELECT count(*) FROM capa.evidence_body), 1::bigint, 'the same bytes are kept once');
SELECT is(refusal('evidence.add', 'anna', '{"ref":"NC-1","evidence":[{"name":"full","frame":0},{"name":"dir/report.txt","frame":1}]}', ARRAY['y', '']::bytea[]),
  'CA003 The evidence "report.txt" is an empty file, which proves nothing.', 'an empty file is none');
SELECT is((SELECT count(*) FROM capa.evidence_body) || ' ' || (SELECT count(*) FROM capa.evidence), '1 2', 'and what came with it is not kept');
SELECT is(say('retract', 'anna', '{"ref":"CA-1","fact":"correction","reason":"wrong"}') ->> 'state', 'triaged', 'a correction can be retracted');
SELECT do_('contain', 'anna', '{"nc":1,"not_applicable":"n"}');

-- cause, similar
SELECT matches(refusal('cause', 'anna', '{"nc":1,"text":"operator slipped","category":"people"}'), '^CA001 A cause of category people needs at least one why', 'human error is where analysis starts');
SELECT is(say('cause', 'anna', '{"nc":1,"text":"operator slipped","category":"people","why":["no checklist"]}') ->> 'cause', '1', 'with a why behind it');
SELECT matches(refusal('cause', 'anna', '{"nc":1,"text":"t","category":"weather"}'), '^CA003 "category" cannot be "weather"', 'categories are a list');
SELECT is(say('cause', 'anna', '{"nc":1,"text":"no checklist","category":"process","method":"five_whys"}') ->> 'cause', '2', 'causes are numbered');
SELECT do_('retract', 'anna', '{"ref":"NC-1","fact":"cause","no":1,"reason":"not it"}');
SELECT is((say('show', 'anna', '{"ref":"NC-1"}') -> 'causes') @> '[{"no":1,"retracted":{"reason":"not it","by":"anna"}},{"no":2,"text":"no checklist"}]', true, 'versions are kept');
SELECT do_('raise', 'rita', '{"title":"two","grade":"minor","owner":"anna","controls":"A.8.13","statement":"s"}');
SELECT do_('contain', 'anna', '{"nc":2,"not_applicable":"n","consequences":"c"}');
SELECT is(say('cause', 'anna', '{"nc":2,"text":"t","category":"process"}') -> 'similar', '["NC-1"]', 'the same control and cause category is similar');
SELECT do_('similar', 'anna', '{"nc":2,"elsewhere":"no"}');
SELECT is(facts_missing('NC-2'), 'conclusion need', 'hits ask for a conclusion');
SELECT do_('similar', 'anna', '{"nc":2,"conclude":"the same checklist"}');
SELECT is(facts_missing('NC-2'), 'need', 'concluded');
SELECT do_('raise', 'rita', '{"title":"three","grade":"minor","owner":"anna","controls":"A.8.13","statement":"s"}');
SELECT do_('cause', 'anna', '{"nc":3,"text":"t","category":"process"}');
SELECT is(say('similar', 'anna', '{"nc":2}') -> 'similar', '[{"ref":"NC-1","title":"one","why":["same control and cause category"]},{"ref":"NC-3","title":"three","why":["same control and cause category"]}]', 'searched again');
SELECT is(facts_missing('NC-2'), 'conclusion need', 'a new hit asks for a new conclusion');
SELECT matches(refusal('similar', 'anna', '{"nc":"NC-2","hits":"x"}'), '^CA003 similar has no parameter "hits"', 'unknown parameters are refused');
SELECT is((SELECT author FROM capa.record WHERE nc = 2 AND fact = 'similar' LIMIT 1), 'system', 'the search is the system''s');

-- plan, window
SELECT do_('similar', 'anna', '{"nc":1,"elsewhere":"no","conclude":"c"}');
SELECT do_('need', 'anna', '{"nc":1,"need":"yes","reason":"r"}');
SELECT matches(refusal('action.add', 'anna', '{"nc":1,"title":"t","owner":"bob","due":"2026-01-04"}'), '^CA001 The due date 2026-01-04T17:00:00.000000Z has passed already', 'no due date in the past');
SELECT matches(refusal('action.add', 'anna', '{"nc":1,"title":"t","owner":"bob","due":"2026-02-30"}'), '^CA003 "due" names no day', 'nor one that no calendar has');
SELECT matches(refusal('action.add', 'anna', '{"nc":1,"title":"t","owner":"bob","due":"soon"}'), '^CA003 "due" is no moment: "soon"', 'nor a word');
SELECT matches(refusal('action.add', 'anna', '{"nc":1,"title":"t","cause":9}'), '^CA002 NC-1 has no cause 9', 'nor a cause that is not there');
CREATE FUNCTION ca(title_ text) RETURNS text LANGUAGE sql AS $$ SELECT 'CA-' || id FROM capa.action WHERE title = title_ $$;
SELECT do_('action.add', 'anna', '{"nc":1,"title":"t","owner":"me","due":"2026-02-06","expect":"e"}');
SELECT is((SELECT due FROM capa.action WHERE title = 't'), '2026-02-06 17:00Z', 'a date ends with its working hours');
SELECT is((SELECT row(owner, cause)::text FROM capa.action WHERE title = 't'), '(anna,2)', 'me is the caller; the newest cause is meant');
SELECT do_('action.add', 'anna', '{"nc":1,"title":"u","owner":"bob","due":"2026-02-06T12:00:00+02:00","expect":"e"}');
SELECT is((SELECT due FROM capa.action WHERE title = 'u'), '2026-02-06 10:00Z', 'RFC 3339 with a zone');
SELECT matches(refusal('criterion', 'anna', '{"nc":1,"method":"event_silence"}'), '^CA001 NC-1 was raised by hand', 'events prove nothing of what no rule raised');
SELECT matches(refusal('criterion', 'anna', '{"nc":1,"method":"manual"}'), '^CA003 A manual criterion needs a text', 'manual needs a text');
SELECT matches(refusal('criterion', 'anna', '{"nc":1,"auto":true}'), '^CA001 NC-1 was raised by hand', 'auto too');
SELECT do_('criterion', 'anna', '{"nc":1,"method":"manual","text":"t"}');
SELECT is(capa.record_of(1, 1, 'criterion') -> 'window' ->> 'd', '90', 'the policy''s window is the default');
SELECT is(capa.record_of(1, 1, 'criterion') ->> 'weak', NULL, 'which is not weak');
SELECT do_('action.done', 'bob', jsonb_build_object('action', ca('u'), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT matches(refusal('criterion', 'anna', '{"nc":1,"method":"manual","text":"t","window":"30d"}'), '^CA001 The window of NC-1 cannot be shortened any more', 'a window is not shortened once an action is done');
SELECT matches(refusal('retract', 'anna', '{"ref":"NC-1","fact":"criterion","reason":"r"}'), '^CA001 Without this criterion the one before it would count', 'nor by going back to one before it');
SELECT is(say('criterion', 'anna', '{"nc":1,"method":"manual","text":"t","window":"6mo"}') ->> 'state', 'implementing', 'but lengthened');
SELECT do_('action.cancel', 'anna', jsonb_build_object('action', ca('t'), 'reason', 'r'));
SELECT is(state('NC-1'), 'verifying', 'one done, one cancelled');
SELECT is(say('retract', 'bob', jsonb_build_object('ref', ca('u'), 'fact', 'done', 'reason', 'was not')) ->> 'state', 'implementing', 'not done after all');
SELECT matches(refusal('action.done', 'bob', jsonb_build_object('action', ca('t'))), '^CA001 CA-\d+ is cancelled already', 'a cancelled one is not done');
SELECT matches(refusal('verify', 'vera', '{"nc":1,"verdict":"effective","text":"t"}'), '^CA001 NC-1 is implementing, not verifying', 'no verdict before its time');
SELECT matches(refusal('approve', 'pia', '{"ref":"NC-2"}'), '^CA001 Nothing of NC-2 waits', 'no approval of an incomplete plan');

-- reject, reopen
SELECT is(by_rule('{"rule_hash":"old"}'), 'NC-4', 'a rule raised one');
SELECT matches(refusal('reject', 'anna', '{"nc":4,"reason":"r","suppress":"91d"}'), '^CA001 A rejection holds back', 'for 90 days at most');
SELECT is(say('reject', 'anna', '{"nc":4,"reason":"test machine"}') ->> 'state', 'rejected', 'a minor one at once');
SELECT is((SELECT row(suppressed_until::date, left_why)::text FROM capa.nc WHERE id = 4), '(2026-02-04,"test machine")', 'for 30 days');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 4 AND void_at IS NULL AND met_at IS NULL), 0::bigint, 'its deadlines end');
SELECT matches(refusal('contain', 'anna', '{"nc":4,"text":"x"}'), '^CA001 NC-4 is rejected: contain changes nothing there', 'nothing more is recorded there');
SELECT is(say('note', 'anna', '{"ref":"NC-4","text":"but a note"}') ->> 'state', 'rejected', 'but a note');
SELECT is((SELECT row(r ->> 'state', r -> 'nc' ->> 'cycle')::text FROM say('reopen', 'ina', '{"nc":4,"reason":"it was real"}') r), '(triaged,2)', 'reopened in a new cycle');
SELECT is((SELECT row(suppressed_until, closed_at, left_why)::text FROM capa.nc WHERE id = 4), '(,,)', 'nothing is held back any more');
SELECT matches(refusal('reopen', 'ina', '{"nc":4,"reason":"r"}'), '^CA001 NC-4 is not closed', 'what is open is not reopened');
SELECT is(say('raise', 'rita', '{"title":"five"}') ->> 'ref', 'NC-5', 'never triaged');
SELECT do_('reject', 'ina', '{"nc":5,"reason":"r"}');
SELECT is(say('reopen', 'ina', '{"nc":5,"reason":"r"}') ->> 'state', 'raised', 'comes back as raised');
SELECT do_('reject', 'ina', '{"nc":4,"reason":"again"}');
SELECT is(by_rule(jsonb_build_object('fingerprint', (SELECT encode(fingerprint, 'hex') FROM capa.nc WHERE id = 4))), 'NC-6', 'the same failure again');
SELECT matches(refusal('reopen', 'ina', '{"nc":4,"reason":"r"}'), '^CA001 NC-4 cannot be reopened: the same failure is open as NC-6 already', 'one fingerprint is open once');
SELECT do_('raise', 'rita', '{"title":"complaint","source_kind":"complaint","grade":"minor","owner":"anna","controls":"A.5.1","statement":"s"}');
SELECT is(say('reject', 'anna', '{"nc":7,"reason":"r"}') -> 'request' ->> 'kind', 'rejection', 'a complaint is not rejected alone');
SELECT clock_by('100 days');
SELECT is((SELECT row(r ->> 'state', r -> 'request' ->> 'kind')::text FROM say('reject', 'anna', '{"nc":3,"reason":"r"}') r), '(triaged,rejection)', 'nor what is overdue');

-- versions and dry runs
SELECT matches(refusal('note', 'anna', '{"ref":"NC-3","text":"t","if_version":1}'), '^CA005 NC-3 is at version \d, not 1: it was changed meanwhile', 'another version is a conflict');
SELECT is((SELECT say('note', 'anna', jsonb_build_object('ref', 'NC-3', 'text', 't', 'if_version', version)) ->> 'version' FROM capa.nc WHERE id = 3),
          (SELECT version + 1 FROM capa.nc WHERE id = 3)::text, 'the seen one goes on');
CREATE FUNCTION fingerprint() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  t text;
  all_ text := '';
  one text;
BEGIN
  FOR t IN SELECT name FROM capa.register_table UNION SELECT unnest(ARRAY['journal', 'journal_body', 'evidence_body']) ORDER BY 1 LOOP
    EXECUTE format('SELECT md5(string_agg(x::text, chr(10) ORDER BY x::text)) FROM capa.%I x', t) INTO one;
    all_ := all_ || t || coalesce(one, '') || chr(10);
  END LOOP;
  RETURN all_;
END $$;
CREATE TEMPORARY TABLE before_ AS SELECT fingerprint() AS f;
SELECT matches(refusal(m, 'anna', p || '{"dry_run":true}', ARRAY['never seen'::bytea]), '^CA000 dry run', m || ' can be tried')
FROM (VALUES ('raise', '{"title":"x","evidence":[{"name":"n","frame":0}]}'::jsonb), ('contain', '{"nc":3,"text":"x","consequences":"c","evidence":[{"name":"n","frame":0}]}'),
  ('reject', '{"nc":2,"reason":"r"}'), ('assign', '{"ref":"NC-2","owner":"zoe"}'), ('regrade', '{"nc":2,"to":"critical","reason":"r"}')) AS d(m, p);
SELECT is(fingerprint(), (SELECT f FROM before_), 'and leaves nothing');
DO $$ DECLARE result jsonb; BEGIN
  PERFORM say('assign', 'anna', '{"ref":"NC-2","owner":"zoe","dry_run":true}');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS result = PG_EXCEPTION_DETAIL;
  CREATE TEMPORARY TABLE tried AS SELECT result;
END $$;
SELECT is((SELECT result -> 'nc' ->> 'owner' FROM tried), 'zoe', 'but says what would be');

-- references, roles, bad input
SELECT is(refusal('show', 'anna', '{"ref":"NC-99"}'), 'CA002 There is no NC-99.', 'what is not there');
SELECT is(refusal('action.done', 'anna', '{"action":"CA-99"}'), 'CA002 There is no CA-99.', 'nor there');
SELECT matches(refusal('show', 'anna', '{"ref":"XX-1"}'), '^CA003 "XX-1" is no reference', 'what is no reference');
SELECT matches(refusal('action.start', 'anna', '{"action":"NC-1"}'), '^CA003 An action is needed here', 'an NC is no action');
SELECT is(refusal('cause', 'anna', '{"nc":3,"category":"process"}'), 'CA003 cause needs "text".', 'what is needed');
SELECT matches(refusal('triage', 'rita', '{"nc":3,"grade":"minor"}', NULL, '{reporter}'), '^CA004 triage needs one of the roles owner, isms_manager; you have reporter', 'who may');
SELECT matches(refusal('raise', 'p', '{"title":"t"}', NULL, '{producer,admin}'), '^CA004 raise needs', 'producer and admin write no records');
SELECT is(refusal('list', 'p', '{}', NULL, '{producer}'), 'OK', 'but may read');
SELECT matches(refusal('list', 'p', '{}', NULL, '{}'), '^CA004', 'nobody without a role may');

-- Whatever is given for any parameter of any method, the answer is a sentence with one of our codes. The two that
-- every method reads in one place get one value of each kind.
CREATE FUNCTION strange() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  m record;
  v jsonb;
  answer text;
BEGIN
  FOR m IN SELECT x.name, p AS param, x.needed FROM capa.method x, unnest(x.params || ARRAY['if_version', 'dry_run']) p WHERE p <> ''
             AND to_regproc('api.' || replace(x.name, '.', '_')) IS NOT NULL LOOP
    FOR v IN SELECT jsonb_array_elements(E'["", " ", "x", "NC-3", "-1", "99999999999999999999", "1e400", "2026-13-45", "2026-01-01T25:00:00Z", "\u00e4\u4e2d\\n", 0, -1, 1.5, 1e30, true, [], {}, [[]], [{}], ["a"], {"a":{}}, [{"frame":9}], [{"frame":"x"}], [{"event":1}], [{"url":"no"}], null]'::jsonb) LOOP
      CONTINUE WHEN m.param IN ('if_version', 'dry_run') AND v NOT IN ('"x"', '-1', '1.5', '[]', '{}', 'null');
      answer := refusal(m.name, 'anna', (SELECT coalesce(jsonb_object_agg(n, CASE n WHEN 'nc' THEN '"NC-3"' WHEN 'ref' THEN '"NC-3"' WHEN 'verdict' THEN '"partial"'
        WHEN 'need' THEN '"yes"' WHEN 'category' THEN '"process"' WHEN 'to' THEN '"major"' WHEN 'fact' THEN '"cause"' ELSE '"t"'::jsonb END), '{}')
        FROM unnest(array_remove(m.needed, '')) n) || '{"dry_run":true}' || jsonb_build_object(m.param, v));
      IF answer !~ '^(CA00[0-6] .|OK)' THEN
        RETURN NEXT format('%s %s=%s: %s', m.name, m.param, v, answer);
      END IF;
    END LOOP;
  END LOOP;
END $$;
SELECT is((SELECT string_agg(s, E'\n') FROM strange() s), NULL, 'strange input is answered');
-- known of for how long
SELECT is(refusal('raise', 'rita', '{"title":"x","aware_at":"1999-12-31T23:59:59Z"}'),
  'CA003 "aware_at" is 1999-12-31T23:59:59.000000Z, long before this register: nobody has known of it since then.', 'known of too long ago to be true');
SELECT matches(refusal('raise', 'rita', '{"title":"x","aware_at":"20000d"}'), '^CA003 "aware_at" is ', 'the same as a duration');
SELECT is(refusal('raise', 'rita', '{"title":"x","aware_at":"2000-01-01T00:00:00Z","dry_run":true}'), 'CA000 dry run', 'old, but possible');
SELECT * FROM finish();
