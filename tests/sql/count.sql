-- count (CONTRACT, rules): only from the n-th within a time; by, distinct, clock; the same whatever the batching, under two writers
-- and after a restart; after a closing again from the n-th; a changed rule counts anew.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-03-02 09:00Z');
CREATE FUNCTION rule_of(id text, more jsonb, hash text DEFAULT 'h') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', hash, 'title', id, 'effect', 'fail', 'controls', '["A.8.15"]'::jsonb, 'policy', 'default', 'growth', '[]'::jsonb) || more
$$;
CREATE FUNCTION load(VARIADIC rules jsonb[]) RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', to_jsonb(rules))) ->> 'version'
$$;
CREATE FUNCTION effects(answer jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(r #>> '{results,0,effect}', ' ' ORDER BY place) FROM jsonb_array_elements(answer) WITH ORDINALITY x(r, place)
$$;
CREATE FUNCTION one_(id text, more jsonb) RETURNS text LANGUAGE sql AS $$ SELECT test.one(id, more) #>> '{results,0,effect}' $$;
SELECT is(load(rule_of('five', '{"count":{"n":5,"within":{"s":600},"by":false,"distinct":false,"clock":"event"}}'),
  rule_of('users', '{"count":{"n":3,"within":{"s":600},"by":true,"distinct":true,"clock":"receipt"}}'),
  rule_of('plain', '{}')), '1', 'rules with windows are loaded');
SELECT is((SELECT count(*) FROM capa.rule WHERE windows IS NOT NULL)::int, 2, 'and known as such');

-- one by one, and in one batch
SELECT is(one_('a' || i, '{"fp":"a"}'), CASE WHEN i < 5 THEN 'counted' ELSE 'raised' END, format('event %s of five', i)) FROM generate_series(1, 5) i;
SELECT is((SELECT count(*) FROM capa.counted)::int, 0, 'what was counted is not counted again');
SELECT is(capa.summary(1) ->> 'occurrences', '5', 'the counted ones are its occurrences');
SELECT lives_ok('SELECT capa.rollup()', 'counts are rolled up');
SELECT is(capa.summary(1) ->> 'occurrences', '5', 'and stay five');
SELECT is((SELECT (b.body::jsonb #>> '{data,nc,occurrences}') FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'nc.raised'), '5', 'the message tells five');
SELECT is((SELECT count(*) FROM capa.event WHERE nc = 1)::int, 1, 'no event''s row was changed');
SELECT is(one_('a6', '{"fp":"a"}'), 'occurrence', 'with an open NC every further fail is an occurrence');
SELECT is(capa.summary(1) ->> 'occurrences', '6', 'and counted');
SELECT is(test.one('a1', '{"fp":"a"}'), '{"status":"duplicate","results":[{"effect":"counted"}]}', 'a repeat of a counted event repeats its result');
SELECT is(effects(test.send('[{"id":"b1","fp":"b"},{"id":"b2","fp":"b"},{"id":"b3","fp":"b"},{"id":"b4","fp":"b"},{"id":"b5","fp":"b"},{"id":"b6","fp":"b"}]')),
  'counted counted counted counted raised occurrence', 'the same in one batch');
SELECT is(capa.summary(2) ->> 'occurrences', '6', 'with the same count');
SELECT is((SELECT array_agg(outcome ORDER BY eventno) FROM capa.nc_event WHERE nc = 2), '{counted,counted,counted,counted,raised,occurrence}', 'and the same events');
SELECT is(effects(test.send_careful('[{"id":"c1","fp":"c"},{"id":"c2","fp":"c"},{"id":"c3","fp":"c"},{"id":"c4","fp":"c"},{"id":"c5","fp":"c"}]')),
  'counted counted counted counted raised', 'and in the careful form');
SELECT is(effects(test.send('[{"id":"d1","fp":"d"},{"id":"d1","fp":"d"},{"id":"d2","fp":"d"},{"id":"d3","fp":"d"},{"id":"d4","fp":"d"}]')),
  'counted counted counted counted counted', 'a duplicate counts once');
SELECT is((SELECT count(*) FROM capa.counted)::int, 4, 'four are counted');
SELECT is((SELECT count(*) FROM capa.counted c JOIN capa.event e USING (eventno) WHERE e.nc IS NULL AND e.outcome = 'counted' AND e.observed = c.observed)::int, 4, 'each with its event');

-- windows
SELECT clock_by('11 minutes');
SELECT is(one_('d5', '{"fp":"d"}'), 'counted', 'the fifth, but not within ten minutes');
SELECT is(one_('e' || i, jsonb_build_object('fp', 'e', 'time', capa.now() - make_interval(mins => 3 * i))), 'counted', 'observed every three minutes') FROM generate_series(1, 6) i;
SELECT is(one_('e9', jsonb_build_object('fp', 'e', 'time', capa.now() - interval '10 minutes')), 'raised', 'an event that was observed between them completes a window, whatever came last');
SELECT is((SELECT string_agg(outcome, ' ' ORDER BY observed) FROM capa.nc_event WHERE nc = (SELECT max(id) FROM capa.nc)), 'counted counted counted raised counted', 'of the events within that window');
SELECT is(to_char((capa.nc_count((SELECT max(id) FROM capa.nc))).first_seen, 'HH24:MI'), to_char(capa.now() - interval '18 minutes', 'HH24:MI'), 'which was first seen with the first of them');
SELECT clock_by('2 hours');
SELECT capa.windows_prune();
SELECT is((SELECT count(*) FROM capa.counted)::int, 0, 'what no window holds any more is forgotten');

-- by something else, distinct, by receipt
SELECT is(effects(test.send('[{"id":"u1","rule":1,"fp":"h1","by":"ip","value":"x"},{"id":"u2","rule":1,"fp":"h2","by":"ip","value":"x"},
  {"id":"u3","rule":1,"fp":"h1","by":"ip","value":"y"},{"id":"u4","rule":1,"fp":"h2","by":"other","value":"z"},{"id":"u5","rule":1,"fp":"h2","by":"ip","value":"z"},{"id":"u6","rule":1,"fp":"h1","by":"ip","value":"z"}]')),
  'counted counted counted counted raised counted', 'three different values from one place, over fingerprints');
SELECT is((SELECT array_agg(DISTINCT e.outcome) FROM capa.nc_event e WHERE nc = (SELECT max(id) FROM capa.nc)), '{counted,raised}', 'it has what was counted with it');
SELECT is(capa.summary((SELECT max(id) FROM capa.nc)) ->> 'occurrences', '4', 'four of that place');
SELECT is(one_('v' || i, jsonb_build_object('rule', 1, 'fp', 'v', 'by', 'v', 'value', 'v' || i, 'time', capa.now() - make_interval(hours => i))),
  CASE i WHEN 3 THEN 'raised' ELSE 'counted' END, 'by receipt it does not matter when they were observed') FROM generate_series(1, 3) i;

-- closing, rejection, and a changed rule
SELECT is(say('reject', 'ina', '{"nc":"NC-1","reason":"a test"}') ->> 'state', 'rejected', 'one is rejected');
SELECT is(one_('a7', '{"fp":"a"}'), 'suppressed', 'then it is suppressed');
SELECT clock_by('40 days');
SELECT is(one_('a8-' || i, '{"fp":"a"}'), CASE WHEN i < 5 THEN 'counted' ELSE 'raised' END, 'and when that is over, from the fifth again') FROM generate_series(1, 5) i;
SELECT is((SELECT recurrence_of FROM capa.nc ORDER BY id DESC LIMIT 1), 1, 'with its history');
SELECT is(effects(test.send('[{"id":"f1","fp":"f"},{"id":"f2","fp":"f"},{"id":"f3","fp":"f"},{"id":"f4","fp":"f"}]')), 'counted counted counted counted', 'four of five');
SELECT is(test.rules(jsonb_build_object('rules', jsonb_build_array(rule_of('five', '{"count":{"n":5,"within":{"s":600}}}', 'h2'))), 'b') ->> 'changed', 'true', 'the rule changes');
SELECT is(test.send('[{"id":"f5","fp":"f"}]', NULL, 'b') #>> '{0,results,0,effect}', 'counted', 'so it counts anew');

-- what costs nothing must go on to
SELECT is((test.send('[{"id":"q1","fp":"b"}]') #>> '{0,results,0,effect}'), 'occurrence', 'an occurrence of a rule with a count');
SELECT ok((SELECT bool_and(c.quiet) FROM capa.ingest_cases((SELECT meta FROM test.batch('[{"id":"q2","fp":"b"}]', NULL, 'a')), capa.now()) c), 'is quiet');
SELECT finish();
