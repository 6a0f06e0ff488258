-- Self-closing by a rule's standing decision (PRODUCT): on the pass event, a minor one in its first cycle, the first of its
-- fingerprint in 90 days, without similar ones; confirmed like a short closing. Each condition from both sides.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION rule(id text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', 'h-' || id, 'title', id, 'effect', 'fail', 'owner', 'ops', 'controls', '["A.8.13"]'::jsonb,
    'triaged', true, 'policy', 'default', 'growth', '[]'::jsonb) || more
$$;
CREATE FUNCTION standing() RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"self_close":{"cause":"the mount was away","category":"technology","reason":"it mounts again by itself","by":"dora"}}'::jsonb
$$;
SELECT test.rules(jsonb_build_object('rules', jsonb_build_array(rule('mount', standing()), rule('plain'), rule('waiting', standing() || '{"triaged":false,"owner":null}'),
  rule('growing', standing() || '{"growth":[{"occurrences":3,"within":{"d":7},"to":"major"}]}')))) ->> 'changed';
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION pass(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r jsonb := test.one(id_, jsonb_build_object('fp', fp, 'effect', 'pass') || more);
BEGIN
  RETURN concat_ws(' ', r #>> '{results,0,effect}', (SELECT n.state FROM capa.nc n WHERE 'NC-' || n.id = r #>> '{results,0,nc}'));
END $$;

-- What has a cause of one category and one control is similar: each NC here gets a control of its own.
CREATE FUNCTION own_control(ref text, control text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT do_('triage', 'ina', jsonb_build_object('nc', ref, 'controls', control))
$$;

-- it closes
SELECT is(fail('a', 'a1'), 'raised NC-1', 'raised');
SELECT clock_by('1 hour');
SELECT is(pass('a', 'a2', jsonb_build_object('time', capa.now() - interval '90 min')), 'evidence triaged', 'a late pass, observed before the fail, closes nothing');
SELECT is(pass('a', 'a3'), 'evidence closed', 'a pass closes it');
SELECT is((SELECT row(closed_how, closed_by, cycle)::text FROM capa.nc WHERE id = 1), '(short,system,1)', 'short, by the system');
SELECT is((SELECT string_agg(fact, ' ' ORDER BY id) FROM capa.record WHERE nc = 1 AND author = 'system'), 'consequences cause similar elsewhere isms risk need', 'what it lacked was recorded');
SELECT is((SELECT value ->> 'text' || ', ' || (value ->> 'category') FROM capa.record WHERE nc = 1 AND fact = 'cause'), 'the mount was away, technology', 'the cause as decided');
SELECT is((SELECT value ->> 'reason' FROM capa.record WHERE nc = 1 AND fact = 'need'), 'it mounts again by itself (standing decision of dora)', 'the need with its reason and who decided');
SELECT is((SELECT row(a.state, a.done_by, e.role, e.eventno IS NOT NULL)::text FROM capa.action a JOIN capa.evidence e ON e.nc = a.nc AND e.role = 'passed' WHERE a.nc = 1 AND a.kind = 'correction'),
  '(done,system,passed,t)', 'a correction, with the pass as evidence');
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'nc.closed')::int, 1, 'nc.closed is told');
SELECT is((SELECT count(*) FROM capa.log WHERE nc = 1 AND sentence LIKE 'closes by the standing decision of dora%')::int, 1, 'the log says by what');

-- confirmed like a short closing
SELECT is((SELECT row(kind, state, authors)::text FROM capa.request WHERE nc = 1), '(short_closing,open,"{dora,ops}")', 'it waits for confirmation by another than who decided and who owns');
SELECT is((SELECT to_char(due, 'MM-DD') || (met_at IS NULL)::text FROM capa.deadline WHERE nc = 1 AND kind = 'confirmation'), '02-04true', 'within 30 days');
SELECT matches(refusal('confirm', 'dora', '{"nc":1}'), 'by another person than dora, ops', 'not who decided it');
SELECT is((say('confirm', 'vera', '{}') ->> 'confirmed'), '["NC-1"]', 'another confirms the list');
SELECT is((SELECT met_at IS NOT NULL FROM capa.deadline WHERE nc = 1 AND kind = 'confirmation'), true, 'its deadline is met');

-- and opens again like any short closing
SELECT is(fail('a', 'a4'), 'reopened NC-1', 'the next fail reopens it');
SELECT is((SELECT row(grade, cycle)::text FROM capa.nc WHERE id = 1), '(minor,2)', 'with the same grade');
SELECT is(pass('a', 'a5'), 'evidence triaged', 'in the second cycle nothing closes by itself');

-- refused: back, and not again
SELECT is(fail('b', 'b1', '{"grade":"observation"}'), 'raised NC-2', 'an observation');
SELECT own_control('NC-2', 'A.5.1');
SELECT is(pass('b', 'b2'), 'evidence closed', 'closes too');
SELECT is(say('refuse', 'vera', '{"ref":2,"reason":"look at it"}') ->> 'state', 'contained', 'refused it is back where its facts put it: an observation needs the need decided');
SELECT is(fail('b', 'b3', '{"grade":"observation"}'), 'occurrence NC-2', 'in the same cycle');
SELECT clock_by('2 hours');
SELECT is(pass('b', 'b4'), 'evidence contained', 'the system does not insist');

-- what bars it
SELECT is(fail('c', 'c1', '{"rule":1}'), 'raised NC-3', 'a rule without a standing decision');
SELECT is(pass('c', 'c2', '{"rule":1}'), 'evidence triaged', 'closes nothing');
SELECT is(fail('d', 'd1', '{"grade":"major"}'), 'raised NC-4', 'a major one');
SELECT is(pass('d', 'd2'), 'evidence triaged', 'is never closed so');
SELECT is(fail('e', 'e1', '{"rule":2}'), 'raised NC-5', 'one that nobody has triaged');
SELECT is(pass('e', 'e2', '{"rule":2}'), 'evidence raised', 'is not');
SELECT is(fail('f', 'f1'), 'raised NC-6', 'one of a rule that raised elsewhere');
SELECT do_('triage', 'ina', '{"nc":6,"owner":"ops","controls":"A.8.14"}');
SELECT is((SELECT capa.similar_search(n, 'technology') -> 'hits' FROM capa.nc n WHERE id = 6), '[]', 'on the same asset, and of another control: no similar ones');
SELECT is(pass('f', 'f2'), 'evidence closed', 'so it closes');
SELECT is(fail('g', 'g1'), 'raised NC-7', 'one');
SELECT is(say('cause', 'anna', '{"nc":3,"text":"disk","category":"technology"}') ->> 'cause', '1', 'while another of the same control has a cause of the same category');
SELECT is(pass('g', 'g2'), 'evidence triaged', 'has similar hits, which ask for a person');

SELECT is(fail('h', 'h1'), 'raised NC-8', 'one that people work on');
SELECT own_control('NC-8', 'A.8.1');
SELECT is(say('contain', 'anna', '{"nc":8,"text":"mounted it","consequences":"one backup late"}') ->> 'state', 'triaged', 'its correction is recorded, without evidence');
SELECT is(say('cause', 'anna', '{"nc":8,"text":"a cable","category":"environment"}') ->> 'cause', '1', 'and its cause');
SELECT is(pass('h', 'h2'), 'evidence closed', 'the pass proves it, and it closes');
SELECT is((SELECT string_agg(fact, ' ' ORDER BY id) FROM capa.record WHERE nc = 8 AND author = 'system' AND fact <> 'similar'), 'elsewhere isms risk need', 'only what lacked was added');
SELECT is((SELECT string_agg(title, ' ') FROM capa.action WHERE nc = 8), 'mounted it', 'and no second correction');
SELECT is(fail('i', 'i1'), 'raised NC-9', 'one contained by people');
SELECT own_control('NC-9', 'A.8.2');
SELECT is(say('contain', 'anna', '{"nc":9,"text":"did","consequences":"none","evidence":[{"url":"https://example.org"}]}') ->> 'state', 'contained', 'with evidence');
SELECT is(pass('i', 'i2'), 'evidence closed', 'closes on the pass too');
SELECT is(fail('j', 'j1'), 'raised NC-10', 'one where a person found action necessary');
SELECT own_control('NC-10', 'A.8.3');
SELECT do_('need', 'anna', '{"nc":10,"need":"yes","reason":"it happens too often"}');
SELECT is(pass('j', 'j2'), 'evidence triaged', 'is not closed');
SELECT is(fail('k', 'k1'), 'raised NC-11', 'one with an action planned');
SELECT own_control('NC-11', 'A.8.4');
SELECT do_('action.add', 'anna', '{"nc":11,"title":"a","owner":"bob","due":"10d"}');
SELECT is(pass('k', 'k2'), 'evidence triaged', 'is not closed');
SELECT is(fail('l', 'l1', '{"rule":3}'), 'raised NC-12', 'one whose grade grows');
SELECT own_control('NC-12', 'A.8.5');
SELECT is(fail('l', 'l' || n, '{"rule":3}'), 'occurrence NC-12', 'again') FROM generate_series(2, 3) n;
SELECT is(pass('l', 'l9', '{"rule":3}'), 'evidence triaged', 'is major by now');

-- the first of its fingerprint in 90 days
SELECT is(fail('m', 'm1'), 'raised NC-13', 'one');
SELECT own_control('NC-13', 'A.8.6');
SELECT do_('reject', 'anna', '{"nc":13,"reason":"r","suppress":"1d"}');
SELECT clock_by('40 days');
SELECT is(fail('m', 'm2'), 'raised NC-14', 'again after 40 days');
SELECT own_control('NC-14', 'A.8.7');
SELECT is(pass('m', 'm3'), 'evidence triaged', 'is not the first in 90 days');
SELECT do_('reject', 'anna', '{"nc":14,"reason":"r","suppress":"1d"}');
SELECT clock_by('95 days');
SELECT is(fail('m', 'm4'), 'raised NC-15', 'again after 95 days');
SELECT own_control('NC-15', 'A.8.9');
SELECT is(pass('m', 'm5'), 'evidence closed', 'is the first again');

-- a fail and a pass in one batch
SELECT is(jsonb_path_query_array(test.send('[{"id":"o1","fp":"o"},{"id":"o2","fp":"o","effect":"pass"},{"id":"o3","fp":"o"}]'), '$[*].results[0].effect'),
  '["raised","evidence","occurrence"]', 'similar ones by the control: stays open');
SELECT is(fail('p', 'p1'), 'raised NC-17', 'one');
SELECT own_control('NC-17', 'A.8.10');
SELECT is(jsonb_path_query_array(test.send('[{"id":"p2","fp":"p","effect":"pass"},{"id":"p3","fp":"p"}]'), '$[*].results[0].effect'), '["evidence","reopened"]', 'closed and reopened within one batch');
-- an unconfirmed one is due
SELECT is((SELECT count(*) FROM capa.deadline WHERE kind = 'confirmation' AND met_at IS NULL AND void_at IS NULL)::int, 4, 'each unconfirmed one is a deadline; what a fail reopened is none');
SELECT clock_by('40 days');
SELECT is((SELECT string_agg(ref, ' ') FROM (SELECT l ->> 'ref' AS ref FROM jsonb_array_elements(say('page', 'vera', '{}') -> 'lines') l WHERE l ->> 'group' = 'confirmations' AND (l ->> 'overdue')::boolean) x), 'NC-6 NC-8 NC-9 NC-15', 'and is overdue then');
SELECT * FROM finish();
