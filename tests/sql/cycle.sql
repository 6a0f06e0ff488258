-- Two full cycles of one NC, and every way into a new cycle (PRODUCT, "A new cycle"; SEMANTICS section 6).
\ir method.sql
SELECT plan(40);
SELECT clock_to('2026-01-05 09:00Z');

CREATE FUNCTION settle(nc text, need_ text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  IF state(nc) = 'triaged' THEN
    PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  END IF;
  PERFORM say('cause', 'anna', jsonb_build_object('nc', nc, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'elsewhere', 'no', 'conclude', 'c'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', nc, 'need', need_, 'reason', 'r', 'isms', 'none', 'risk', 'none'));
END $$;
CREATE FUNCTION carry_out(nc text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  ca text := say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
BEGIN
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', nc, 'method', 'event_silence', 'window', '10d'));
  IF state(nc) = 'planned' THEN
    PERFORM say('approve', 'pia', jsonb_build_object('ref', nc));
  END IF;
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', '[{"url":"https://example.org"}]'::jsonb));
END $$;
CREATE FUNCTION recur(nc text, grade_ text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.new_cycle(substr(nc, 4)::int, 'event', 'triaged', 'failed again');
  PERFORM capa.tell('nc.recurred', 'test', nc, substr(nc, 4)::int, '{}');
  PERFORM capa.advance(substr(nc, 4)::int, 'test');
  PERFORM capa.append('system');
END $$;
CREATE FUNCTION cycle(nc_ text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', n.state, n.cycle, c.begun_by, c.base) FROM capa.nc n JOIN capa.cycle c ON c.nc = n.id AND c.no = n.cycle WHERE 'NC-' || n.id = nc_
$$;

-- not effective, then effective: two full cycles
SELECT is(by_rule('{}'), 'NC-1', 'a rule raised one, triaged');
SELECT settle('NC-1', 'yes');
SELECT carry_out('NC-1');
SELECT is(state('NC-1'), 'verifying', 'cycle 1 up to verifying');
SELECT is(say('verify', 'vera', '{"nc":1,"verdict":"not_effective","text":"it came again"}') ->> 'state', 'contained', 'not effective: at any time');
SELECT is(cycle('NC-1'), 'contained 2 verdict contained', 'a new cycle, contained');
SELECT is((SELECT string_agg(result, ' ') FROM capa.action WHERE nc = 1 AND kind <> 'correction'), 'ineffective', 'its actions were ineffective');
SELECT is((SELECT row(ended_as, ended_at IS NOT NULL)::text FROM capa.cycle WHERE nc = 1 AND no = 1), '(not_effective,t)', 'the old cycle ended so');
SELECT is(facts_missing('NC-1'), 'cause similar elsewhere need', 'it asks for its own facts');
SELECT is(refusal('retract', 'anna', '{"ref":"NC-1","fact":"cause","reason":"r"}') LIKE 'CA001 NC-1 has no cause in this cycle%', true, 'those of the old one stay as they are');
SELECT is(refusal('assign', 'anna', '{"ref":"CA-2","owner":"x"}') LIKE 'CA001 CA-2 is done already%', true, 'its actions too');
SELECT settle('NC-1', 'yes');
SELECT is((SELECT string_agg(no::text, ' ' ORDER BY id) FROM capa.record WHERE nc = 1 AND fact = 'cause'), '1 2', 'causes are numbered through');
SELECT carry_out('NC-1');
SELECT clock_by('11 days');
SELECT matches(refusal('verify', 'bob', '{"nc":1,"verdict":"effective","text":"t"}'), 'You may not verify', 'barred in this cycle too');
SELECT is(say('verify', 'vera', '{"nc":1,"verdict":"effective","text":"gone"}') ->> 'state', 'closed', 'effective: closed');
SELECT is((SELECT string_agg(result, ' ' ORDER BY id) FROM capa.action WHERE nc = 1 AND kind <> 'correction'), 'ineffective effective', 'what was and what was not');
SELECT is(jsonb_array_length(say('show', 'anna', '{"ref":1}') -> 'verdicts'), 2, 'both verdicts are shown');
SELECT is(jsonb_path_query_array(say('show', 'anna', '{"ref":1}'), '$.cycles[*].ended_as'), '["not_effective", "closed"]', 'both cycles');

-- partial
SELECT is(by_rule('{"grade":"major"}'), 'NC-2', 'a major one');
SELECT settle('NC-2', 'yes');
SELECT carry_out('NC-2');
SELECT is(state('NC-2'), 'verifying', 'approved and done');
SELECT do_('action.add', 'anna', '{"nc":2,"title":"one more","owner":"bob","due":"20d","expect":"e"}');
SELECT is(state('NC-2'), 'planned', 'an action added in verifying is another plan');
SELECT is((SELECT string_agg(kind || ' ' || CASE WHEN void_at IS NOT NULL THEN 'void' WHEN met_at IS NOT NULL THEN 'met' ELSE 'open' END, ', ' ORDER BY kind)
           FROM capa.deadline WHERE nc = 2 AND kind IN ('act', 'window', 'verify')), 'act open, verify void, window void', 'back: act is open again, the window void');
SELECT do_('approve', 'pia', '{"ref":"NC-2"}');
SELECT do_('action.done', 'bob', jsonb_build_object('action', (SELECT 'CA-' || id FROM capa.action WHERE title = 'one more'), 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT is(say('verify', 'vera', '{"nc":2,"verdict":"partial","text":"half"}') -> 'nc' ->> 'cycle', '2', 'partial begins a new cycle');
SELECT is((SELECT ended_as FROM capa.cycle WHERE nc = 2 AND no = 1), 'partial', 'and says so');

-- an event in verifying, and after closing
SELECT is(by_rule('{}'), 'NC-3', 'a third');
SELECT settle('NC-3', 'yes');
SELECT carry_out('NC-3');
SELECT recur('NC-3', 'minor');
SELECT is(cycle('NC-3'), 'triaged 2 event triaged', 'recurred in verifying: triaged again');
SELECT is((SELECT string_agg(result, ' ') FROM capa.action WHERE nc = 3 AND kind <> 'correction'), 'ineffective', 'its actions were ineffective');
SELECT is(facts_missing('NC-3'), 'correction consequences', 'it needs its own correction');
SELECT is((SELECT row(base, ended_as)::text FROM capa.cycle WHERE nc = 3 AND no = 1), '(raised,recurred)', 'the old one ended so');
SELECT is(by_rule('{}'), 'NC-4', 'a fourth');
SELECT settle('NC-4', 'no');
SELECT is((SELECT row(state, closed_how)::text FROM capa.nc WHERE id = 4), '(closed,short)', 'closed the short way');
SELECT recur('NC-4', 'minor');
SELECT is((SELECT short_barred FROM capa.cycle WHERE nc = 4 AND no = 2), true, 'recurred: the short way is barred');
SELECT settle('NC-4', 'no');
SELECT is(state('NC-4'), 'analysed', 'so no is not the end');
SELECT is(facts_missing('NC-4'), 'need_yes action criterion', 'action is asked for');
SELECT carry_out('NC-4');
SELECT do_('need', 'ina', '{"nc":4,"need":"yes","reason":"r"}');
SELECT is(state('NC-4'), 'verifying', 'facts count when their turn comes, in any order');
SELECT clock_by('11 days');
SELECT do_('verify', 'vera', '{"nc":4,"verdict":"effective","text":"gone"}');
SELECT recur('NC-4', 'minor');
SELECT is((SELECT short_barred FROM capa.cycle WHERE nc = 4 AND no = 3), false, 'after a closing by verdict it is open');
SELECT is((SELECT result FROM capa.action WHERE nc = 4 AND cycle = 2 AND kind <> 'correction'), 'ineffective', 'and what was thought effective was not');
SELECT is((SELECT count(*) FROM capa.cycle WHERE nc = 4 AND ended_as = 'closed'), 2::bigint, 'earlier closings are kept');

-- reopened by a person, with an open action left
SELECT settle('NC-3', 'yes');
SELECT do_('action.add', 'anna', '{"nc":3,"title":"left open","owner":"bob","due":"20d","expect":"e"}');
SELECT do_('reject', 'anna', '{"nc":3,"reason":"not ours"}');
SELECT is(say('reopen', 'ina', '{"nc":3,"reason":"ours"}') ->> 'state', 'triaged', 'reopened');
SELECT is((SELECT row(state, reason)::text FROM capa.action WHERE title = 'left open'), '(cancelled,"a new cycle began")', 'what was not done ended with its cycle');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 3 AND cycle = 2 AND met_at IS NULL AND void_at IS NULL), 0::bigint, 'and so did its deadlines');
SELECT is((SELECT count(*) FROM capa.deadline WHERE nc = 3 AND cycle = 3 AND met_at IS NULL AND void_at IS NULL), 3::bigint, 'the new cycle has its own');
SELECT is((SELECT min(started_at) FROM capa.deadline WHERE nc = 3 AND cycle = 3), (SELECT began_at FROM capa.cycle WHERE nc = 3 AND no = 3), 'from what began it');
SELECT * FROM finish();
