-- Controls that an event itself named: of the NC that it raises, before the rule's alone; with a new cycle added to what is there; and on
-- the ways round about (a silence, a storm that is split).
\ir lib/send.psql
\ir method.sql
SELECT plan(19);
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[
  {"id":"check-failed","hash":"h0","title":"Check failed","effect":"fail","owner":"ops","controls":["A.8.9"],"requirement":null,"policy":"default","growth":[],"storm":{"n":5,"within":{"s":600}}},
  {"id":"own-words","hash":"h1","title":"Own words","effect":"fail","controls":["A.8.9"],"requirement":"Hosts are hardened","policy":"default","growth":[]}]}') ->> 'changed';
CREATE FUNCTION fail(fp text, id_ text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r #>> '{results,0,effect}', r #>> '{results,0,nc}') FROM test.one(id_, jsonb_build_object('fp', fp) || more) r
$$;
CREATE FUNCTION filed(nc_ int) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' | ', requirement, array_to_string(controls, ' ')) FROM capa.nc WHERE id = nc_ $$;

SELECT is(fail('a', '1', '{"controls":["A.8.17","A.8.9"]}'), 'raised NC-1', 'an event that names controls');
SELECT is(filed(1), 'A.8.17 | A.8.17 A.8.9', 'they are the NC''s, the first is the requirement');
SELECT is(fail('b', '2'), 'raised NC-2', 'one that names none');
SELECT is(filed(2), 'A.8.9 | A.8.9', 'has the rule''s');
SELECT is(fail('c', '3', '{"rule":1,"controls":["A.8.17"]}'), 'raised NC-3', 'a rule with a requirement of its own');
SELECT is(filed(3), 'Hosts are hardened | A.8.17', 'keeps it');
SELECT is((SELECT string_agg(n ->> 'ref', ' ') FROM jsonb_array_elements(say('list', 'ina', '{"control":"A.8.17"}')) n WHERE n ->> 'ref' IN ('NC-1', 'NC-3')), 'NC-1 NC-3', 'lists find them');

-- an open NC stays as it is
CREATE TEMPORARY TABLE before_ AS SELECT n.id, n.xmin AS row_version, (SELECT max(seq) FROM capa.journal) AS head FROM capa.nc n;
SELECT is(fail('a', '4', '{"controls":["A.5.15"]}'), 'occurrence NC-1', 'a later event that names others');
SELECT is((SELECT row(count(*), (SELECT max(seq) FROM capa.journal) = max(head))::text FROM before_ b JOIN capa.nc n USING (id) WHERE n.xmin <> b.row_version OR n.id = 1), '(1,t)',
  'writes no journal');
SELECT is((SELECT n.xmin = b.row_version FROM before_ b JOIN capa.nc n USING (id) WHERE id = 1), true, 'and updates no row');
SELECT is(filed(1), 'A.8.17 | A.8.17 A.8.9', 'the NC stays under what it was raised under');

-- a new cycle
SELECT do_('triage', 'ina', '{"nc":2,"grade":"minor","owner":"ops","controls":["A.5.17"]}');
SELECT do_('contain', 'ops', '{"nc":2,"text":"mended","consequences":"none","evidence":[{"url":"https://example.org"}]}');
SELECT do_('cause', 'ops', '{"nc":2,"text":"why","category":"process"}');
SELECT do_('similar', 'ops', '{"nc":2,"elsewhere":"no","conclude":"others apart"}');
SELECT do_('need', 'vera', '{"nc":2,"need":"no","reason":"r","isms":"none","risk":"none"}');
SELECT is(state('NC-2'), 'closed', 'closed the short way');
SELECT clock_by('1 day');
SELECT is(fail('b', '5', '{"controls":["A.8.17","A.5.17"]}'), 'reopened NC-2', 'a failure reopens it');
SELECT is(filed(2), 'A.8.9 | A.5.17 A.8.17', 'what was decided stays, what the event names beside it is added');

-- held back by a silence
SELECT do_('silence.add', 'ina', '{"rule":"check-failed","for":"2h","reason":"r"}');
SELECT is(fail('d', '6', '{"controls":["A.8.15"]}'), 'suppressed', 'held back');
SELECT clock_by('3 hours');
DO $$ BEGIN FOR i IN 1..20 LOOP EXIT WHEN NOT (api.tick() ->> 'more')::boolean; END LOOP; END $$;
SELECT is((SELECT filed(id) FROM capa.nc WHERE fingerprint = decode(test.fp('d'), 'hex')), 'A.8.15 | A.8.15', 'with the controls that its event named');

-- taken by a storm
SELECT is(count(*)::int, 8, 'a storm') FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', 's' || i, 'fp', 's' || i, 'controls', jsonb_build_array('A.8.' || i)) ORDER BY i)
                                                                         FROM generate_series(10, 17) i))) r WHERE r ->> 'status' = 'stored';
SELECT is((SELECT filed(id) FROM capa.nc WHERE title LIKE 'Storm of%'), 'A.8.9 | A.8.9', 'is under the rule''s controls');
SELECT do_('split', 'ina', jsonb_build_object('nc', (SELECT 'NC-' || id FROM capa.nc WHERE title LIKE 'Storm of%'), 'fingerprint', test.fp('s17')));
SELECT is(filed(max(id)), 'A.8.17 | A.8.17', 'what is split off, under those of its own event') FROM capa.nc;
