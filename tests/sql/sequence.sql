-- sequence (rules README): events in order, or in any order, by a value, within a time; partial ones raise nothing.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-03-02 09:00Z');
SELECT is(test.rules('{"rules":[
  {"id":"chain","hash":"h0","title":"chain","effect":"fail","controls":["A.8.15"],"policy":"default","growth":[],"sequence":{"n":3,"ordered":true,"within":{"s":3600}}},
  {"id":"any","hash":"h1","title":"any","effect":"fail","controls":["A.8.15"],"policy":"default","growth":[],"sequence":{"n":2,"ordered":false,"within":{"s":3600}}}]}') ->> 'changed', 'true', 'sequences are loaded');
CREATE FUNCTION step_(id text, fp text, step int, minutes int DEFAULT 0, rule int DEFAULT 0) RETURNS text LANGUAGE sql AS $$
  SELECT test.one(id, jsonb_build_object('fp', fp, 'step', step, 'rule', rule, 'time', capa.now() - make_interval(mins => minutes))) #>> '{results,0,effect}'
$$;
SELECT is(step_('a2', 'a', 2), 'counted', 'the second event alone');
SELECT is(step_('a1', 'a', 1), 'counted', 'and the first after it');
SELECT is(step_('a3', 'a', 3), 'counted', 'do not make the chain');
SELECT clock_by('1 second');
SELECT is(step_('a2b', 'a', 2), 'counted', 'the second after the first');
SELECT is(step_('b3', 'b', 3), 'counted', 'what belongs to another value is another chain');
SELECT clock_by('1 second');
SELECT is(step_('a3b', 'a', 3), 'raised', 'the third completes it');
SELECT is(step_('a3c', 'a', 3), 'counted', 'with an open NC a part is a part');
SELECT is(step_('a1d', 'a', 1), 'counted', 'the first again');
SELECT clock_by('1 second');
SELECT is(test.send('[{"id":"a2d","fp":"a","step":2},{"id":"a3d","fp":"a","step":3}]') #>> '{1,results,0,effect}', 'occurrence', 'and a whole chain is an occurrence, in one batch too');
SELECT is(step_('c3', 'c', 3, 10), 'counted', 'observed last, delivered first');
SELECT is(step_('c1', 'c', 1, 30), 'counted', 'observed first');
SELECT is(step_('c2', 'c', 2, 20), 'raised', 'what is observed in order is in order');
SELECT is(step_('d1', 'd', 1, 70), 'counted', 'one');
SELECT is(step_('d2', 'd', 2, 20), 'counted', 'two');
SELECT is(step_('d3', 'd', 3, 0), 'counted', 'and three, but the hour is over');
SELECT is(test.send('[{"id":"e1","fp":"e","step":2,"more":[{"fp":"e","step":1}]},{"id":"e3","fp":"e","step":3}]') #>> '{1,results,0,effect}', 'counted', 'one event is not two of a chain');
SELECT is(step_('f2', 'f', 2, 0, 1), 'counted', 'in any order: the second');
SELECT is(step_('f2b', 'f', 2, 0, 1), 'counted', 'again');
SELECT is(step_('f1', 'f', 1, 0, 1), 'raised', 'and the first complete it');
SELECT is((SELECT count(*) FROM capa.nc_event WHERE nc = (SELECT max(id) FROM capa.nc))::int, 3, 'all of them are its events');
SELECT finish();
