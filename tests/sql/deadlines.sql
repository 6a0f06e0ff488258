-- What makes, meets, voids, opens again and tightens deadlines (SEMANTICS section 7), extension and acknowledgement.
\ir policy.sql
SELECT plan(88);
SELECT clock_to('2026-11-02 10:00Z');
SELECT load_policy();

CREATE FUNCTION call(actor text, method text, params jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE format('SELECT api.%I($1, $2, $3, NULL)', replace(method, '.', '_')) INTO result
    USING jsonb_build_object('name', actor, 'roles', '["owner","isms_manager","approver","verifier"]'::jsonb), actor, params;
  RETURN result;
END $$;
-- A deadline in words: "open 2026-11-09 17:00", "met", "met late", "void", "void late", "-" where there is none.
CREATE FUNCTION said(nc_ int, kind_ text, cycle_ int DEFAULT 1) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce((SELECT CASE WHEN met_at IS NOT NULL THEN 'met' WHEN void_at IS NOT NULL THEN 'void'
      ELSE 'open ' || to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') END || CASE WHEN late THEN ' late' ELSE '' END
    FROM capa.deadline d WHERE d.nc = nc_ AND d.kind = kind_ AND d.cycle = cycle_ ORDER BY id DESC LIMIT 1), '-')
$$;
CREATE FUNCTION running(nc_ int) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '-') FROM capa.deadline WHERE nc = nc_ AND next_at IS NOT NULL
$$;

-- the phases of a minor NC, walked to its closing
SELECT is(call('anna', 'raise', '{"title":"Restore test skipped","grade":"minor"}') ->> 'ref', 'NC-1', 'raised');
SELECT is(said(1, 'triage'), 'open 2026-11-09 17:00', 'triage 5bd');
SELECT is(said(1, 'contain'), 'open 2026-11-16 17:00', 'contain 14d');
SELECT is(said(1, 'plan'), 'open 2027-01-01 17:00', 'plan 60d');
SELECT is(said(1, 'act'), 'open 2027-02-01 17:00', 'act 90d: 31 January is a Sunday');
SELECT is(running(1), 'triage', 'triage runs its ladder');
SELECT call('anna', 'triage', '{"nc":"NC-1","owner":"bea","controls":["A.8.13"],"statement":"was due in October","requirement":"ISMS-7"}');
SELECT is(said(1, 'triage'), 'met', 'triaged: met');
SELECT is(running(1), 'contain', 'contain runs its ladder');
SELECT clock_to('2026-11-17 10:00Z');
SELECT api.tick();
SELECT is((SELECT string_agg(level || ' ' || state, ', ' ORDER BY step) FROM capa.escalation), 'L0 covered, L1 fired', 'contain slips');
SELECT is((SELECT overdue FROM capa.next_due WHERE nc = 1), true, 'overdue');
SELECT call('bea', 'contain', '{"nc":"1","not_applicable":"nothing to correct: the test is done now","consequences":"none"}');
SELECT is(said(1, 'contain'), 'met late', 'contained after the due date: late');
SELECT is((SELECT overdue FROM capa.next_due WHERE nc = 1), false, 'not overdue any more');
SELECT is((SELECT next_due ->> 'kind' FROM capa.next_due WHERE nc = 1), 'plan', 'the plan is next');
SELECT is(running(1), 'plan', 'plan runs its ladder');
SELECT call('bea', 'cause', '{"nc":"1","text":"nobody was named","category":"process"}');
SELECT call('bea', 'similar', '{"nc":"1","elsewhere":"no"}');
SELECT call('bea', 'need', '{"nc":"1","need":"yes","reason":"it would happen again","isms":"none","risk":"none"}');
SELECT call('bea', 'criterion', '{"nc":"1","method":"manual","text":"the next test took place","window":"90d","spans":{"window":{"d":90}}}');
SELECT call('bea', 'action.add', '{"nc":"1","title":"Name somebody","owner":"carl","due":"2026-12-10","expect":"tests happen"}');
SELECT is(said(1, 'action'), 'open 2026-12-10 17:00', 'an action''s own deadline');
SELECT is((SELECT state FROM capa.nc WHERE id = 1), 'implementing', 'a minor plan needs no approval');
SELECT is(said(1, 'plan'), 'met', 'planned: met');
SELECT is(running(1), 'act action', 'act and the action run their ladders');
SELECT clock_to('2026-12-11 09:30Z');
SELECT api.tick();
SELECT is((SELECT recipients FROM capa.escalation WHERE action = 1 AND state = 'fired'),
  '[{"name": "carl", "role": "owner"}, {"name": null, "role": "manager"}]', 'the action''s owner is told');
SELECT call('carl', 'action.done', '{"action":"CA-1","evidence":[{"url":"https://intra.example/minutes"}]}');
SELECT is(said(1, 'action'), 'met late', 'done after its due date: late');
SELECT is(said(1, 'act'), 'met', 'verifying: act is met');
SELECT is(said(1, 'window'), 'open 2027-03-11 17:00', 'the window runs from the last action done');
SELECT is(said(1, 'verify'), 'open 2027-04-12 17:00', 'verify 30d after it: 10 April is a Saturday');
SELECT is((SELECT next_due ->> 'kind' FROM capa.next_due WHERE nc = 1), 'verify', 'nobody can be late for a window');

-- back and forth: moved back, and again
SELECT call('bea', 'retract', '{"ref":"CA-1","fact":"done","reason":"it was another list"}');
SELECT is(said(1, 'act'), 'open 2027-02-01 17:00', 'moved back: act is open again, with its date');
SELECT is(said(1, 'action'), 'open 2026-12-10 17:00', 'the action too');
SELECT is(said(1, 'verify') || ' ' || said(1, 'window'), 'void void', 'verify and window are void');
SELECT is((SELECT count(*) FROM capa.deadline WHERE late AND kind = 'action'), 0::bigint, 'open again is not late');
SELECT clock_to('2026-12-14 10:00Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE action = 1 AND state = 'fired'), 1::bigint, 'what was said once is not said again');
SELECT call('carl', 'action.done', '{"action":"CA-1","evidence":[{"url":"https://intra.example/minutes2"}]}');
SELECT is(said(1, 'window'), 'open 2027-03-15 17:00', 'the window starts anew: 14 March is a Sunday');
SELECT clock_to('2027-03-15 17:00:01Z');
SELECT api.tick();
SELECT is(said(1, 'window'), 'met', 'the window ends by itself');
SELECT is((SELECT count(*) FROM capa.deadline WHERE kind = 'window' AND void_at IS NOT NULL), 1::bigint, 'the first one stays void');
SELECT is(running(1), 'verify', 'now verify runs its ladder');
SELECT call('dora', 'verify', '{"nc":"1","verdict":"effective","text":"three tests took place"}');
SELECT is((SELECT state FROM capa.nc WHERE id = 1), 'closed', 'closed');
SELECT is(said(1, 'verify'), 'met', 'the verdict meets its deadline');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 1 AND met_at IS NULL AND void_at IS NULL), 0::bigint, 'nothing runs any more');
-- reopened: a new cycle from what began it, without triage
SELECT call('dora', 'reopen', '{"nc":"1","reason":"the May test was skipped"}');
SELECT is(said(1, 'triage', 2) || ' ' || said(1, 'contain', 2), '- open 2027-03-29 17:00', 'a new cycle: no triage, 14d from its beginning');

-- born triaged
SELECT capa.raise_nc('{"title":"x","grade":"minor","owner":"anna","controls":["A.8.13"],"found":"f","triaged":true}', 'raise'), capa.append('t');
SELECT is(said(2, 'triage'), 'met', 'born triaged: met');
SELECT is((SELECT steps FROM capa.deadline WHERE nc = 2 AND kind = 'triage'), '[]', 'and no step');
-- rejected in time and too late
SELECT call('anna', 'reject', '{"nc":"NC-2","reason":"a test event"}');
SELECT is(said(2, 'contain') || ', ' || said(2, 'act'), 'void, void', 'rejected: void');
SELECT is(running(2), '-', 'and silent');
SELECT capa.raise_nc(jsonb_build_object('title', 'y', 'grade', 'minor', 'aware_at', '2027-01-01T10:00:00Z'), 'raise'), capa.append('t');
SELECT is(said(3, 'triage'), 'open 2027-01-08 17:00', 'known long before it was raised: overdue at once');
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"state":"rejected"}' FROM capa.nc n WHERE id = 3)), capa.tell('nc.changed', 't', 'NC-3', 3, '{}'),
  capa.deadlines_follow(3), capa.append('t');
SELECT is(said(3, 'triage') || ', ' || said(3, 'act'), 'void late, void', 'rejected after the due date counts as late');

-- observations have no containment; a higher grade brings it
SELECT clock_to('2027-04-05 10:00Z');
SELECT is(call('anna', 'raise', '{"title":"Odd","grade":"observation"}') ->> 'ref', 'NC-4', 'an observation');
SELECT is(said(4, 'contain') || ', ' || said(4, 'triage'), '-, open 2027-04-19 17:00', 'no containment, triage 14d');
SELECT clock_to('2027-04-12 10:00Z');
SELECT call('anna', 'regrade', '{"nc":"NC-4","to":"minor","reason":"customers noticed"}');
SELECT is(said(4, 'triage'), 'open 2027-04-14 05:45', 'min(due, max(start + 5bd, now + a quarter of it)): a quarter of 7d 7h from now');
SELECT is(said(4, 'contain'), 'open 2027-04-19 17:00', 'containment 14d from the start: more than a quarter of it is left');
SELECT is(said(4, 'act'), 'open 2027-07-05 17:00', 'act becomes 90d: 4 July is a Sunday');
SELECT is((SELECT string_agg(kind || CASE WHEN tightened THEN ' tightened' ELSE '' END, ', ' ORDER BY id) FROM capa.deadline WHERE nc = 4),
  'triage tightened, plan tightened, act tightened, contain', 'written as tightened');
SELECT is((SELECT due_original FROM capa.deadline WHERE nc = 4 AND kind = 'triage'), '2027-04-19 17:00Z'::timestamptz, 'the original date stays');
SELECT is((SELECT string_agg(s ->> 'level', ' ') FROM capa.deadline d, jsonb_array_elements(d.steps) s WHERE d.nc = 4 AND kind = 'act'),
  'L0 L1 L2 L4', 'the new grade''s ladder');
SELECT is(running(4), 'triage', 'still one phase ladder');
-- grade down: nothing moves
SELECT capa.put('nc', (SELECT to_jsonb(n) || '{"grade":"observation"}' FROM capa.nc n WHERE id = 4)), capa.tell('nc.changed', 't', 'NC-4', 4, '{}'),
  capa.deadlines_follow(4), capa.append('t');
SELECT is(said(4, 'triage') || ', ' || said(4, 'contain'), 'open 2027-04-14 05:45, open 2027-04-19 17:00', 'grade down: nothing moves');

-- waiting for approval: the act ladder, approvers among its recipients; extension
SELECT clock_to('2027-05-03 10:00Z');
SELECT is(call('anna', 'raise', '{"title":"Leak","grade":"critical","owner":"bea","controls":["A.5.15"],"requirement":"r","statement":"s"}') ->> 'ref', 'NC-5', 'a critical NC');
SELECT call('bea', 'contain', '{"nc":"5","not_applicable":"shut already","consequences":"none"}');
SELECT call('bea', 'cause', '{"nc":"5","text":"old account","category":"process","method":"timeline"}');
SELECT call('bea', 'similar', '{"nc":"5","elsewhere":"no"}');
SELECT call('bea', 'need', '{"nc":"5","need":"yes","reason":"it would happen again"}');
SELECT call('bea', 'criterion', '{"nc":"5","method":"manual","text":"audit","window":"30d","spans":{"window":{"d":30}}}');
SELECT call('bea', 'action.add', '{"nc":"5","title":"Leavers process","owner":"carl","due":"2027-05-28","expect":"no old accounts"}');
SELECT is((SELECT state FROM capa.nc WHERE id = 5), 'planned', 'the plan waits for approval');
SELECT is(running(5), 'act action', 'act runs its ladder');
SELECT clock_to('2027-05-18 17:01Z');
SELECT api.tick();
SELECT is((SELECT string_agg(r ->> 'role', ' ') FROM capa.escalation e, jsonb_array_elements(e.recipients) r
  WHERE e.nc = 5 AND e.action IS NULL AND e.state = 'fired'), 'owner approvers', 'with the approvers');

SELECT is(call('carl', 'extend', '{"ref":"CA-2","to":"2027-06-11","reason":"the supplier is late"}') #>> '{request,kind}', 'extension', 'an extension is asked for');
SELECT is((SELECT due FROM capa.deadline WHERE action = 2), '2027-05-28 17:00Z'::timestamptz, 'until approved nothing moves');
SELECT throws_ok($$SELECT call('carl', 'approve', '{"ref":"CA-2"}')$$, 'CA001', NULL, 'not by who asked');
SELECT call('dora', 'approve', '{"ref":"CA-2","what":"extension"}');
SELECT is(said(5, 'action'), 'open 2027-06-11 17:00', 'approved: the new date');
SELECT results_eq($$SELECT d.due_original, d.extensions, a.due, a.due_original FROM capa.deadline d JOIN capa.action a ON a.id = d.action WHERE d.action = 2$$,
  $$VALUES ('2027-05-28 17:00Z'::timestamptz, 1, '2027-06-11 17:00Z'::timestamptz, '2027-05-28 17:00Z'::timestamptz)$$, 'counted; the originals stay');
SELECT is((SELECT abs(extract(epoch FROM started_at + 0.5 * (due - started_at) - (steps -> 0 ->> 'planned_at')::timestamptz)) < 0.000002
  FROM capa.deadline WHERE action = 2), true, 'percentages run from the original start to the new date (halves are rounded to the microsecond)');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'deadline.extended'), 1::bigint, 'deadline.extended is told');
SELECT is((SELECT b.body::jsonb #>> '{data,deadline,was}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'deadline.extended'),
  '2027-05-28T17:00:00.000000Z', 'with the date it had');
SELECT clock_to('2027-05-31 10:00Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE action = 2 AND level <> 'L0'), 0::bigint, 'the open steps of the old value have ended');
SELECT throws_ok($$SELECT call('carl', 'extend', '{"ref":"CA-2","to":"2027-06-04","reason":"r"}')$$, 'CA001',
  'CA-2 (action) is due 2027-06-11T17:00:00.000000Z; 2027-06-04T17:00:00.000000Z is no later date.', 'an extension is to a later date');
SELECT throws_ok($$SELECT call('carl', 'extend', '{"ref":"NC-5","deadline":"triage","to":"2027-06-04","reason":"r"}')$$, 'CA001',
  'NC-5 has no running deadline of kind triage.', 'of a deadline that runs');
SELECT call('bea', 'extend', '{"ref":"NC-5","to":"2027-07-01","reason":"the plan is late"}');
SELECT is((SELECT what ->> 'kind' FROM capa.request WHERE kind = 'extension' AND ref = 'NC-5'), 'act', 'of an NC the next due one');
SELECT throws_ok($$SELECT call('bea', 'extend', '{"ref":"NC-5","deadline":"verify","to":"2028-07-01","reason":"r"}')$$, 'CA001',
  'NC-5 has no running deadline of kind verify.', 'another one of it must run');
SELECT call('dora', 'refuse', '{"ref":"NC-5","what":"extension","reason":"no"}');
SELECT is((SELECT extensions FROM capa.deadline WHERE nc = 5 AND kind = 'act'), 0, 'refused: nothing moves');

-- acknowledgement: mutes the repeats of its step, not the next step, not the due date
SELECT load_policy(jsonb_build_object('ladders', default_policy() -> 'ladders' || jsonb_build_object('fast',
  ladder('50% L0 owner - - -', 'due L1 owner,manager 1h 10m -', 'due+2h L2 isms_manager 1h - -'))));
SELECT clock_to('2027-06-01 06:00Z');
SELECT is(call('anna', 'raise', '{"title":"Fire","grade":"critical","owner":"bea"}') ->> 'ref', 'NC-6', 'a critical NC, due in 4h');
SELECT clock_to('2027-06-01 10:05Z');
SELECT api.tick();
SELECT is(json_array_length(api.escalations('{"name":"bea","roles":["owner"]}', 'bea', '{"nc":"NC-6","unacked":true}')), 1, 'one waits for an acknowledgement');
SELECT is(api.escalations('{"name":"bea","roles":["owner"]}', 'bea', '{"mine":true,"nc":"6","limit":1}') #>> '{0,state}', 'covered', 'the list has the covered ones too');
SELECT is(call('bea', 'ack', '{"ref":"NC-6"}') #>> '{acked,0,acked_by}', 'bea', 'acknowledged');
SELECT is((SELECT acked_until - acked_at FROM capa.escalation WHERE nc = 6 AND acked_by IS NOT NULL), '1 hour'::interval, 'as long as the ladder says');
SELECT is(json_array_length(api.escalations('{"name":"bea","roles":["owner"]}', 'bea', '{"nc":"NC-6","unacked":true}')), 0, 'none waits');
SELECT clock_to('2027-06-01 11:00Z');
SELECT api.tick();
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 6 AND n > 0), 0::bigint, 'repeats are muted');
SELECT is((SELECT overdue FROM capa.next_due WHERE nc = 6), true, 'it is overdue all the same');
SELECT is((SELECT next_at - acked_until FROM capa.deadline d JOIN capa.escalation e ON e.deadline = d.id WHERE d.nc = 6 AND e.acked_by IS NOT NULL),
  '0'::interval, 'the next thing to do is at its expiry');
SELECT clock_to('2027-06-01 11:06Z');
SELECT api.tick();
SELECT results_eq($$SELECT n, state FROM capa.escalation WHERE nc = 6 AND step = 1 AND n > 0 ORDER BY n$$,
  $$VALUES (1, 'covered'), (2, 'covered'), (3, 'covered'), (4, 'covered'), (5, 'covered'), (6, 'fired')$$, 'expired: of the missed repeats one fires');
SELECT is(call('bea', 'ack', '{"ref":["NC-6"],"until":"2027-06-03T00:00:00Z"}') #>> '{acked,0,acked_until}', '2027-06-03T00:00:00.000000Z', 'acknowledged for two days');
SELECT clock_to('2027-06-01 12:01Z');
SELECT api.tick();
SELECT is((SELECT state FROM capa.escalation WHERE nc = 6 AND level = 'L2'), 'fired', 'the next step comes all the same');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 6 AND step = 1 AND n > 6), 0::bigint, 'without covering what is muted');
SELECT throws_ok($$SELECT call('bea', 'ack', '{"ref":"ESC-999"}')$$, 'CA002', 'There is no ESC-999.', 'an unknown one');
SELECT throws_ok($$SELECT call('bea', 'ack', '{}')$$, 'CA003', NULL, 'ack of what?');

-- due
SELECT is((SELECT jsonb_agg(d -> 'ref' || (d -> 'kind') || (d -> 'overdue')) FROM jsonb_array_elements(
  api.due('{"name":"x","roles":["auditor"]}', 'x', '{"owner":"carl","within":"14d","spans":{"within":{"d":14}}}')::jsonb) d),
  '[["CA-2", "action", false]]', 'what is due of one owner within 14 days');
SELECT cmp_ok(json_array_length(api.due('{"name":"x","roles":["auditor"]}', 'x', '{}')), '>', 1, 'of everybody, within 7 days');
SELECT * FROM finish();
