-- Several facts as one: fix, fill and its form; durable consumers of the published stream.
\ir method.sql
SELECT plan(45);
SELECT clock_to('2040-01-02 09:00Z');
CREATE FUNCTION ncs() RETURNS int LANGUAGE sql AS $$ SELECT count(*)::int FROM capa.journal $$;
SELECT do_('raise', 'rita', '{"title":"one","grade":"minor","owner":"anna","controls":["A.8.13"],"statement":"s"}');

-- fix
SELECT matches(refusal('fix', 'anna', '{"nc":1,"text":"t","cause":"c"}'), '^CA003 fix needs "category"', 'fix needs a correction, a cause and its category');
SELECT matches(refusal('fix', 'rob', '{"nc":1,"text":"t","cause":"c","category":"process"}', NULL, '{reporter}'), '^CA004 fix needs one of the roles', 'and a role');
CREATE TABLE before AS SELECT max(seq) AS seq, (SELECT version FROM capa.nc WHERE id = 1) AS version FROM capa.journal;
SELECT matches(refusal('fix', 'anna', '{"nc":1,"text":"t","cause":"c","category":"people"}'), '^CA001 A cause of category people', 'a cause that is refused refuses all of it');
SELECT matches(refusal('fix', 'anna', '{"nc":1,"text":"t","cause":"c","category":"process","evidence":[{"name":"x","frame":0}]}'), '^CA003 The evidence "x" names attachment 0', 'and so does evidence that did not come');
SELECT is((SELECT row(b.seq = max(j.seq), b.version = (SELECT version FROM capa.nc WHERE id = 1), (SELECT count(*) FROM capa.action), (SELECT count(*) FROM capa.record))::text
  FROM before b, capa.journal j GROUP BY b.seq, b.version), '(t,t,0,0)', 'nothing of it was kept');
SELECT matches(refusal('fix', 'anna', '{"nc":1,"text":"t","cause":"c","category":"process","if_version":7}'), '^CA005 NC-1 is at version', 'a stale version is a conflict');
SELECT matches(refusal('fix', 'anna', '{"nc":1,"text":"t","cause":"c","category":"process","dry_run":true}'), '^CA000', 'a dry run answers');
SELECT is((SELECT max(seq) FROM capa.journal), (SELECT seq FROM before), 'and writes nothing');
SELECT is(say('fix', 'anna', '{"nc":1,"text":"t","cause":"c","category":"process"}') ->> 'state', 'triaged', 'without evidence the correction does not count');
SELECT is(facts_missing('NC-1'), 'correction_evidence', 'which is missing then');
SELECT is(say('fix', 'anna', '{"nc":1,"text":"t2","cause":"c2","category":"people","why":["w"],"elsewhere":"no","no_further":"one off","isms":"none","risk":"none","evidence":[{"name":"a","frame":0}]}', ARRAY['x'::bytea]) ->> 'state',
  'closed', 'with all that is asked for it is closed');
SELECT is((SELECT row(closed_how, closed_by)::text FROM capa.nc WHERE id = 1), (SELECT row('short'::text, closed_by)::text FROM capa.nc WHERE id = 1), 'by the short way');
SELECT is((SELECT count(*) FROM capa.request WHERE nc = 1 AND kind = 'short_closing' AND state = 'open'), 1::bigint, 'which another person has to confirm');
SELECT matches(refusal('approve', 'anna', '{"ref":1}'), '^CA00[14]', 'not the same one');
SELECT is((SELECT array_agg(value ->> 'text' ORDER BY id) FROM capa.record WHERE nc = 1 AND fact = 'consequences'), '{"none reported"}', 'consequences not told of are so recorded, once');
SELECT do_('raise', 'rita', '{"title":"two","grade":"major","owner":"anna","controls":["A.8.13"],"statement":"s"}');
SELECT matches(refusal('fix', 'anna', '{"nc":2,"text":"t","cause":"c","category":"process"}'), '^CA001 NC-2 is major: fix is for grade minor or less', 'fix is not for major');

-- the form
CREATE FUNCTION fields(n int) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(DISTINCT f ->> 'section', ' ' ORDER BY f ->> 'section') FROM jsonb_array_elements(say('form', 'anna', jsonb_build_object('nc', n)) -> 'fields') f $$;
SELECT is(fields(2), 'action cause contain criterion isms need risk similar', 'the form asks for what is missing now and later');
SELECT is((SELECT string_agg(f ->> 'help', ' ' ORDER BY f ->> 'help') FROM jsonb_array_elements(say('form', 'anna', '{"nc":2}') -> 'fields') f WHERE f ->> 'name' = 'consequences'),
  (SELECT sentence FROM capa.guard WHERE fact = 'consequences' AND grade = 'major'), 'in the words of the guards');
SELECT is((SELECT string_agg(g.fact, ' ') FROM capa.guard g WHERE NOT EXISTS (SELECT FROM capa.form_field f WHERE g.fact = ANY (f.facts))
    AND g.fact NOT IN (SELECT unnest(ARRAY['similar', 'action_owner', 'action_due', 'expected', 'approval', 'actions_ended', 'action_done', 'action_evidence', 'no_fail',
      'window', 'passes', 'verdict', 'verdict_or_proof', 'benefit', 'short_open', 'nothing_open', 'internal']))
    AND g.command ~ 'capactl (triage|assign|contain|cause|similar|need|criterion|isms|risk) '), NULL, 'no guard that a command of one fact serves is left out');
SELECT is((SELECT string_agg(f.section || '.' || f.name, ' ') FROM capa.form_field f JOIN capa.method m
    ON m.name = CASE f.section WHEN 'action' THEN 'action.add' ELSE f.section END WHERE NOT f.name = ANY (m.params)), NULL, 'every field is a parameter of its method');
SELECT is((SELECT string_agg(f.name, ' ') FROM capa.form_field f, unnest(f.facts) x WHERE NOT EXISTS (SELECT FROM capa.guard g WHERE g.fact = x)), NULL, 'and answers facts that there are');
SELECT is(fields(1), NULL, 'one that is closed lacks nothing');

-- fill
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{}}'), '^CA003 fill was given nothing', 'nothing is nothing');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"colour":{}}}'), '^CA003 fill knows no facts called "colour"', 'unknown facts are refused');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"cause":"c"}}'), '^CA003 "facts": "cause" must be an object', 'and what has another shape');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"cause":{"text":"c","category":"process","nc":"NC-1"}}}'), '^CA003 "facts": "cause" holds what belongs to the call', 'facts are of the one NC');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"cause":{"text":"c","category":"process","actor":"ben"}}}'), '^CA003 "facts": "cause" holds', 'and of the one caller');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"cause":{"text":"c"}}}'), '^CA003 cause needs "category"', 'each fact is checked as its own command does');
SELECT matches(refusal('fill', 'anna', '{"nc":2,"facts":{"contain":{"text":"done"},"cause":{"text":"c","category":"people"}}}'), '^CA001', 'one that is refused refuses all');
SELECT is((SELECT count(*) FROM capa.action WHERE nc = 2), 0::bigint, 'nothing of it was kept');
UPDATE before SET seq = (SELECT max(seq) FROM capa.journal);
SELECT is(api.fill('{"name":"anna","roles":["owner"]}', 'anna', '{"nc":2,"facts":{"contain":{"text":"did it","consequences":"none"},"cause":{"text":"c","category":"process"},"similar":{"elsewhere":"no"},
  "need":{"need":"yes","reason":"r"},"criterion":{"method":"manual","text":"look","window":"70d"},"action":{"title":"t","owner":"ben","due":"20d","expect":"e"},"isms":"none","risk":"R-1"},
  "spans":{"facts/criterion/window":{"d":70},"facts/action/due":{"d":20}},"evidence":[{"name":"a","frame":0}]}', ARRAY['x'::bytea]) ->> 'state', 'contained', 'all facts at once');
SELECT is(facts_missing('NC-2'), 'conclusion', 'similar ones that its cause brought up ask for a conclusion');
SELECT is(say('fill', 'anna', '{"nc":2,"facts":{"similar":{"conclude":"another cause"}}}') ->> 'state', 'planned', 'then it is planned');
SELECT is((SELECT count(DISTINCT at) FROM capa.journal WHERE seq > (SELECT seq FROM before)) > 5, true, 'a journal row for each fact');
SELECT is((SELECT row(kind, due::date)::text FROM capa.action WHERE nc = 2 AND kind <> 'correction'), '(corrective,2040-01-23)'::text, 'durations within the facts are understood');
SELECT is((SELECT count(*) FROM capa.evidence e JOIN capa.action a ON a.id = e.action WHERE e.nc = 2 AND a.kind = 'correction'), 1::bigint, 'evidence proves the correction');
SELECT is(say('fill', 'anna', '{"nc":2,"facts":{},"evidence":[{"url":"https://wiki/x"}]}') ? 'evidence', true, 'evidence alone is added');
SELECT is((SELECT count(*) FROM capa.evidence e JOIN capa.action a ON a.id = e.action WHERE e.nc = 2 AND a.kind = 'correction'), 2::bigint, 'to the correction that is there');

-- nobody but the register's functions can hold back the journal
SELECT is(has_database_privilege('capad', current_database(), 'TEMPORARY'), false, 'the service role makes no temporary table, so no mark of its own');

-- consumers
CREATE FUNCTION head() RETURNS bigint LANGUAGE sql AS $$ SELECT max(seq) FROM capa.journal $$;
SELECT is(say('consumer.attach', 'pager', '{"name":"pager"}'), jsonb_build_object('epoch', '1', 'acked', head(), 'head', head()), 'a new consumer begins at the head');
SELECT do_('note', 'anna', '{"ref":2,"text":"x"}');
SELECT is((say('consumer.attach', 'pager', '{"name":"pager"}') ->> 'acked')::bigint < head(), true, 'one that comes back is where it was');
SELECT do_('consumer.ack', 'pager', jsonb_build_object('name', 'pager', 'seq', head()));
SELECT is(say('consumer.ack', 'pager', '{"name":"pager","seq":1}') ->> 'acked', head()::text, 'never back');
SELECT matches(refusal('consumer.ack', 'pager', jsonb_build_object('name', 'pager', 'seq', head() + 1)), '^CA001 The journal ends at', 'nor beyond the end');
SELECT is(refusal('consumer.ack', 'other', '{"name":"pager","seq":1}') || refusal('consumer.ack', 'pager', '{"name":"no","seq":1}'),
  'CA004 Consumer "pager" belongs to pager.CA002 There is no consumer "no".', 'nor anybody else''s, nor one that is not there');
SELECT do_('note', 'anna', '{"ref":2,"text":"y"}');
SELECT clock_to('2040-01-20 09:00Z');
DO $$ BEGIN PERFORM capa.tick_consumers(); PERFORM capa.append('system'); END $$;
SELECT clock_to('2040-01-20 09:01Z');
DO $$ BEGIN PERFORM capa.tick_consumers(); PERFORM capa.append('system'); END $$;
SELECT is((SELECT count(*) FROM capa.journal_body WHERE body::jsonb -> 'data' ->> 'reason' = 'consumer_lags'), 1::bigint, 'one that lags for days is reported once');
SELECT * FROM finish();
