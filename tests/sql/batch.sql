-- A wrong rule raised many: rejected as one batch, decided by one other person, undone by anyone (PRODUCT, "Storms").
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
UPDATE capa.setting SET value = '{"n": 0}' WHERE name = 'storm'; -- as a rule was wrong before there were storms, or with a limit of its own
SELECT test.rules() ->> 'changed';
CREATE FUNCTION nc(ref text) RETURNS capa.nc LANGUAGE sql AS $$ SELECT n FROM capa.nc n WHERE 'NC-' || n.id = ref $$;
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;

SELECT is(fail('old', 'o1'), 'raised NC-1', 'one before the rule went wrong');
SELECT clock_by('1 day');
SELECT now_ AS since FROM (SELECT capa.rfc3339(capa.now()) AS now_) x \gset
SELECT is((SELECT count(*) FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', 'w' || i, 'fp', 'w' || i)) FROM generate_series(1, 300) i))) r
           WHERE r #>> '{results,0,effect}' = 'raised')::int, 300, 'a wrong rule raises 300');
SELECT is(fail('other', 'x1', '{"rule":1}'), 'raised NC-302', 'another rule one');
SELECT is(say('raise', 'rita', '{"title":"t","grade":"major","owner":"anna","controls":"A.8.13","statement":"s"}') ->> 'ref', 'NC-303', 'and one by hand');

-- asking
SELECT matches(refusal('reject', 'anna', '{"reason":"r"}'), '^CA003 reject needs "nc", or "rule" and "since"', 'something must be named');
SELECT matches(refusal('reject', 'anna', '{"rule":"backup-failed","reason":"r"}'), '^CA003 "rule" needs "since"', 'a rule with a moment');
SELECT matches(refusal('reject', 'anna', '{"nc":1,"since":"1d","reason":"r"}'), '^CA003 "since" belongs to "rule"', 'and the moment with a rule');
SELECT matches(refusal('reject', 'anna', '{"nc":["NC-1","NC-2"],"reason":"r"}'), '^CA003 Several are rejected as one batch', 'a list without batch');
SELECT matches(refusal('reject', 'anna', '{"rule":"backup-failed","nc":1,"since":"1d","reason":"r"}'), '^CA003 Either', 'both');
SELECT matches(refusal('reject', 'anna', '{"rule":"nonsense","since":"10d","reason":"r"}'), '^CA001 Rule "nonsense" has raised nothing', 'a rule that raised nothing');
SELECT matches(refusal('reject', 'anna', '{"rule":"backup-failed","since":"10d"}'), '^CA003 reject needs "reason"', 'no reason');
SELECT matches(refusal('reject', 'vera', '{"rule":"backup-failed","since":"10d","reason":"r"}', NULL, '{verifier}'), '^CA004', 'not by a verifier');
SELECT matches(refusal('reject', 'anna', '{"rule":"backup-failed","since":"10d","reason":"r","suppress":"91d"}'), '^CA001 A rejection holds back', 'not held back for longer than 90 days');
SELECT is((SELECT row(r ->> 'ref', r #>> '{batch,count}', r #>> '{batch,state}', r #>> '{request,kind}', r #>> '{request,command}')::text
           FROM say('reject', 'anna', jsonb_build_object('rule', 'backup-failed', 'since', :'since', 'reason', 'the rule was wrong')) r),
  '(B-1,300,open,batch,"capactl approve B-1")', 'one batch, one request');
SELECT is((SELECT count(*) FROM capa.request)::int, 1, 'one');
SELECT is((SELECT count(*) FROM capa.nc WHERE state = 'rejected')::int, 0, 'nothing is rejected yet');
SELECT matches(refusal('reject', 'ina', '{"rule":"backup-failed","since":"10d","reason":"r"}'), '^CA001 Some of them wait for a decision in B-1', 'not twice');
SELECT is((SELECT row(a ->> 'ref', a -> 'nc', jsonb_array_length(a -> 'ncs'), a ->> 'title', a ->> 'may')::text FROM jsonb_array_elements(say('approvals', 'pia', '{}')) a),
  '(B-1,null,300,"300 nonconformities that rule backup-failed raised",true)', 'approvals shows it to others');
SELECT is(jsonb_array_length(say('approvals', 'anna', '{}')), 0, 'not to its author');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('page', 'pia', '{}') -> 'lines') l WHERE l ->> 'ref' = 'B-1')::int, 1, 'and so does the page');

-- deciding
SELECT matches(refusal('approve', 'anna', '{"ref":"B-1"}'), '^CA001 You are an author of this request, and nobody decides alone: the rejection of 300 nonconformities at once', 'not its author');
SELECT matches(refusal('approve', 'ANNA ', '{"ref":"b-1","waive":"r"}'), '^CA001 You are an author', 'nor by a waiver');
SELECT matches(refusal('approve', 'pia', '{"ref":"B-9"}'), '^CA002 There is no B-9', 'what there is');
SELECT matches(refusal('approve', 'oda', '{"ref":"B-1"}', NULL, '{owner,verifier}'), '^CA004 approve needs', 'not without the role');
SELECT is(say('contain', 'carl', '{"nc":5,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}') ->> 'state', 'contained', 'one was real: somebody works on it');
SELECT is(say('reject', 'anna', '{"nc":6,"reason":"already"}') ->> 'state', 'rejected', 'another was rejected alone');
SELECT clock_timestamp() AS began \gset
SELECT is((SELECT row(r ->> 'state', jsonb_array_length(r -> 'rejected'), r -> 'left_out')::text FROM say('approve', 'pia', '{"ref":"B-1","text":"yes"}') r),
  '(approved,298,"[{""ref"": ""NC-5"", ""sentence"": ""NC-5 has moved on: it is contained now""}, {""ref"": ""NC-6"", ""sentence"": ""NC-6 has moved on: it is rejected now""}]")', 'approved: what moved on is left out and named');
SELECT cmp_ok(extract(epoch FROM clock_timestamp() - :'began'::timestamptz)::int, '<', 45, '300 take seconds (2 on an idle machine), not a minute');
SELECT diag('approved in ' || extract(epoch FROM clock_timestamp() - :'began'::timestamptz)::numeric(6, 2) || ' s');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', state, left_why, batch, closed_by), '|') FROM capa.nc WHERE id BETWEEN 7 AND 301), 'rejected the rule was wrong 1 anna', 'each rejected with the reason, because of the batch');
SELECT is((SELECT string_agg(state, ' ' ORDER BY id) FROM capa.nc WHERE id IN (1, 5, 302, 303)), 'triaged contained raised triaged', 'and no other');
SELECT is((SELECT count(*) FROM capa.journal_body b JOIN capa.journal j USING (seq) WHERE b.body::jsonb #>> '{data,what}' = 'reject' AND b.nc BETWEEN 7 AND 301 AND j.topic = 'nc.changed')::int, 295, 'each journalled');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc BETWEEN 7 AND 301 AND met_at IS NULL AND void_at IS NULL)::int, 0, 'no deadline runs');
SELECT is(fail('w20', 'w20b'), 'suppressed NC-21', 'the same failure is held back');
SELECT matches(refusal('approve', 'pia', '{"ref":"B-1"}'), '^CA001 B-1 is approved: it waits for no decision', 'once');

-- undoing
SELECT is(say('reopen', 'anna', '{"nc":7,"reason":"was real"}') ->> 'state', 'triaged', 'one was reopened by hand');
SELECT is(say('reopen', 'anna', '{"nc":8,"reason":"was real"}') ->> 'state', 'triaged', 'and another');
SELECT is(say('reject', 'anna', '{"nc":8,"reason":"was not"}') ->> 'state', 'rejected', 'which was rejected alone then');
SELECT due AS due8 FROM capa.deadline WHERE nc = 9 AND kind = 'contain' \gset
SELECT clock_by('1 hour');
SELECT matches(refusal('undo', 'noah', '{"ref":"B-1"}'), '^CA003 undo needs "reason"', 'a reason');
SELECT matches(refusal('undo', 'noah', '{"ref":"NC-1","reason":"r"}'), '^CA003 "NC-1" is no reference of a batch', 'a batch');
SELECT matches(refusal('undo', 'noah', '{"ref":"B-1","reason":"r"}', NULL, '{producer}'), '^CA004', 'not by a producer');
SELECT clock_timestamp() AS began \gset
SELECT is((SELECT row(r ->> 'state', jsonb_array_length(r -> 'restored'), r -> 'left_out')::text FROM say('undo', 'noah', '{"ref":"B-1","reason":"they were right"}', NULL, '{reporter}') r),
  '(undone,296,[])', 'anyone undoes it');
SELECT cmp_ok(extract(epoch FROM clock_timestamp() - :'began'::timestamptz)::int, '<', 45, 'in seconds');
SELECT diag('undone in ' || extract(epoch FROM clock_timestamp() - :'began'::timestamptz)::numeric(6, 2) || ' s');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', state, cycle, left_why, batch, closed_at, suppressed_until), '|') FROM capa.nc WHERE id BETWEEN 9 AND 301), 'triaged 1', 'all are back in the state they had, in the same cycle');
SELECT is((SELECT row(due = :'due8'::timestamptz, void_at, late, next_at IS NOT NULL)::text FROM capa.deadline WHERE nc = 9 AND kind = 'contain'), '(t,,f,t)', 'their deadlines run again with the same dates');
SELECT is((SELECT row(state, cycle)::text FROM nc('NC-7')), '(triaged,2)', 'what was reopened by hand is untouched');
SELECT is(state(ref), 'rejected', 'and so is what was rejected alone: ' || ref) FROM (VALUES ('NC-6'), ('NC-8')) v(ref);
SELECT is(fail('w20', 'w20c'), 'occurrence NC-21', 'the suppression has ended');
SELECT matches(refusal('undo', 'noah', '{"ref":"B-1","reason":"r"}'), '^CA001 B-1 is undone: there is nothing to undo', 'once');
SELECT is((SELECT string_agg(topic, ' ' ORDER BY seq) FROM capa.journal WHERE topic LIKE 'batch.%'), 'batch.opened batch.approved batch.undone', 'its story is in the journal');

-- a list; minor ones, and still one approval
SELECT is((SELECT row(r ->> 'ref', r #>> '{batch,ncs}')::text FROM say('reject', 'anna', '{"nc":["NC-10","9",10],"batch":true,"reason":"r"}') r), '(B-2,"[""NC-9"", ""NC-10""]")', 'a list is a batch');
SELECT is((SELECT string_agg(DISTINCT state, ' ') FROM capa.nc WHERE id IN (9, 10)), 'triaged', 'which waits, though both are minor');
SELECT matches(refusal('undo', 'noah', '{"ref":"B-2","reason":"r"}'), '^CA001 B-2 is open: there is nothing to undo', 'nothing to undo yet');
SELECT is(say('refuse', 'pia', '{"ref":"B-2","reason":"look again"}') ->> 'state', 'refused', 'refused');
SELECT is((SELECT string_agg(DISTINCT state, ' ') FROM capa.nc WHERE id IN (9, 10)), 'triaged', 'nothing happened');
SELECT matches(refusal('reject', 'anna', '{"nc":["NC-6"],"batch":true,"reason":"r"}'), '^CA001 NC-6 cannot be in a batch: it is rejected', 'what is left cannot be in one');

-- shown with its NCs as they are now
SELECT is((SELECT row(r ->> 'ref', r ->> 'state', r ->> 'reason', r -> 'items' -> 0 ->> 'ref', r -> 'items' -> 0 ->> 'state', r -> 'next')::text FROM say('show', 'rita', '{"ref":"b-2"}') r),
  '(B-2,refused,r,NC-9,triaged,[])', 'a refused one');
SELECT is(refusal('show', 'rita', '{"ref":"B-99"}'), 'CA002 There is no B-99.', 'one that is not there');

-- raised again meanwhile: left out when it is undone
SELECT is(say('reject', 'anna', '{"nc":[11,12],"batch":true,"reason":"r"}') ->> 'ref', 'B-3', 'another');
SELECT is(say('show', 'pia', '{"ref":"B-3"}') -> 'next' -> 0 ->> 'command', 'capactl approve B-3', 'show says how it is decided');
SELECT do_('approve', 'pia', '{"ref":"B-3"}');
SELECT is((SELECT row(r -> 'items' -> 1 ->> 'state', r -> 'next' -> 0 ->> 'command')::text FROM say('show', 'pia', '{"ref":"B-3"}') r), '(rejected,"capactl undo B-3 --reason TEXT")', 'and taken back');
SELECT clock_by('31 days');
SELECT is(fail('w10', 'w10b'), 'raised NC-304', 'raised again after the suppression');
SELECT is((SELECT row(r -> 'restored', r #>> '{left_out,0,ref}', r #>> '{left_out,0,sentence}')::text FROM say('undo', 'noah', '{"ref":"B-3","reason":"r"}') r),
  '("[""NC-12""]",NC-11,"the failure of NC-11 was raised again meanwhile, as NC-304")', 'is left out and named');
SELECT matches(refusal('reject', 'anna', '{"rule":"backup-failed","since":"10d","reason":"r","dry_run":true}'), '^CA000', 'it can be tried');
SELECT is((SELECT count(*) FROM capa.batch)::int, 3, 'and leaves nothing');
SELECT * FROM finish();
