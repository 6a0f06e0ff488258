-- status and coverage as of a moment: what the journal and the stored events tell, and nothing of now; what isn't known says so.
\ir lib/send.psql
\ir method.sql
\ir past.sql
SELECT plan(45);
CREATE FUNCTION at(method text, at_ text, params jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT past(method, 'anna', params || jsonb_build_object('as_of', at_))
$$;
CREATE FUNCTION rules(hash_ text, letter text) RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', 'backup-failed', 'hash', hash_, 'title', 'Backup failed', 'effect', 'fail',
    'owner', 'ops', 'controls', '["A.8.13"]'::jsonb, 'triaged', true, 'policy', 'default', 'growth', '[]'::jsonb)),
    'paths', CASE letter WHEN 'a' THEN '["/subject"]' ELSE '["/subject","/data/level"]' END::jsonb), letter) ->> 'changed'
$$;
CREATE FUNCTION settings(hash_ text, late int) RETURNS text LANGUAGE sql AS $$
  SELECT api.load('settings', repeat(hash_, 64), jsonb_build_object('late_after', jsonb_build_object('s', late), 'retention', '{}'::jsonb), 'tests') ->> 'changed'
$$;

SELECT clock_to('2040-05-02 09:00Z');
SELECT is(rules('h0', 'a'), 'true', 'rules');
SELECT is(settings('1', 600), 'true', 'settings');
SELECT test.send('[{"id":"1","fp":"one","src":"/a"},
  {"id":"2","fp":"two","src":"/b","body":"{\"id\":\"2\",\"source\":\"/b\",\"data\":{\"level\":3}}"},{"id":"3","src":"/c","type":"noise","aside":"ignored"}]');
SELECT is((SELECT count(*) || ' ' || (SELECT count(*) FROM capa.ignored) FROM capa.event), '2 1', 'two stored, one ignored');
SELECT api.tick();
SELECT clock_to('2040-05-02 12:00Z');
SELECT do_('note', 'anna', '{"ref":1,"text":"the last row of the second of May"}');
SELECT set_config('test.seq', (SELECT max(seq) FROM capa.journal)::text, false);
SELECT clock_to('2040-05-03 09:00Z');
SELECT set_config('test.before', at('status', '2040-05-02T20:00:00Z')::text, false);
CREATE FUNCTION before_() RETURNS jsonb LANGUAGE sql AS $$ SELECT current_setting('test.before')::jsonb $$;

-- as it is, while nothing happened since
SELECT is(before_() - '{as_of,not_known,ingest,sources,settings,people,consumers,coverage}'::text[],
  say('status', 'anna', '{}') - '{ingest,sources,settings,people,consumers,coverage}'::text[], 'the past is what is there while nothing happened since');
SELECT is(before_() -> 'settings', say('status', 'anna', '{}') -> 'settings', 'the settings too');
SELECT is(before_() -> 'people', say('status', 'anna', '{}') -> 'people', 'and the people');
SELECT is(before_() #> '{ingest,stored}', say('status', 'anna', '{}') #> '{ingest,stored}', 'as many events were stored');
SELECT is(before_() -> 'sources', say('status', 'anna', '{}') -> 'sources', 'by the same sources');
SELECT is(at('coverage', '2040-05-02T20:00:00Z') -> 'coverage', say('coverage', 'anna', '{}'), 'what no rule knows');
SELECT is(at('coverage', '2040-05-02T20:00:00Z', '{"what":"fields"}') -> 'coverage', say('coverage', 'anna', '{"what":"fields"}'), 'fields that no rule looks at');
SELECT is(at('coverage', '2040-05-02T20:00:00Z', '{"what":"drift"}') -> 'coverage', say('coverage', 'anna', '{"what":"drift"}'), 'paths that are gone');

-- later things do not show
SELECT is(rules('h1', 'b'), 'true', 'other rules');
SELECT is(settings('2', 900), 'true', 'other settings');
SELECT test.send('[{"id":"4","fp":"one","src":"/a"},{"id":"5","fp":"four","src":"/b","body":"{\"id\":\"5\",\"source\":\"/b\",\"data\":{\"level\":3,\"more\":1}}"},{"id":"6","src":"/c","type":"noise","aside":"ignored"},
  {"id":"7","src":"/d","type":"other noise","aside":"ignored"},{"id":"1","fp":"one","src":"/a"}]', NULL, 'b');
SELECT do_('regrade', 'ina', '{"nc":1,"to":"major","reason":"r"}');
SELECT do_('silence.add', 'ina', '{"asset":"db77","for":"2h","reason":"r"}');
SELECT api.tick();
SELECT clock_to('2040-05-12 09:00Z');
SELECT api.tick();
SELECT is(at('status', '2040-05-02T20:00:00Z') - 'not_known', before_() - 'not_known', 'the same later');
SELECT set_config('test.coverage', at('coverage', '2040-05-02T20:00:00Z')::text, false);
SELECT is(before_() #>> '{open,minor}', '2', 'two were open');
SELECT set_config('test.day', at('status', '2040-05-03T10:00:00Z')::text, false);
SELECT is(current_setting('test.day')::jsonb -> 'open', '{"ofi":0,"major":1,"minor":2,"critical":0,"observation":0}', 'three and one graver the day after');
SELECT is(before_() #>> '{journal,seq}', current_setting('test.seq'), 'where the journal ended');
SELECT is(before_() #>> '{journal,hash}', (SELECT encode(hash, 'hex') FROM capa.journal WHERE seq = current_setting('test.seq')::bigint), 'with its hash');
SELECT is(before_() #>> '{rules,hash}', repeat('a', 64), 'the rules of then');
SELECT is(before_() #>> '{settings,values,late_after}', '10m', 'the settings of then');
SELECT is(say('status', 'anna', '{}') #>> '{settings,values,late_after}', '15m', 'not those of now');
SELECT is(before_() -> 'as_of', '"2040-05-02T20:00:00.000000Z"', 'it says of when');
SELECT is(before_() -> 'ingest', '{"stored":2}', 'of what came it tells what it knows');
SELECT is((before_() -> 'consumers', before_() -> 'coverage')::text, '(null,null)', 'and nothing of what is kept of now alone');
SELECT is((SELECT string_agg(x ->> 'what', ' ') FROM jsonb_array_elements(before_() -> 'not_known') x), 'ingest sources consumers coverage', 'each with a reason');
SELECT is((SELECT string_agg(x ->> 'source', ' ' ORDER BY x ->> 'source') FROM jsonb_array_elements(before_() -> 'sources') x), '/a /b /c', 'who had been heard');
SELECT matches((SELECT x ->> 'last_seen' FROM jsonb_array_elements(before_() -> 'sources') x WHERE x ->> 'source' = '/a'), '^2040-05-02T09:00', 'and when last');
SELECT is(current_setting('test.day')::jsonb #>> '{ingest,stored}', '4', 'repeats are not counted');
SELECT cmp_ok(at('status', '2040-05-11T10:00:00Z') ->> 'overdue', '>', before_() ->> 'overdue', 'what was overdue, by the clock of then');
SELECT set_config('test.none', at('status', '2001-01-01')::text, false);
SELECT is(current_setting('test.none')::jsonb -> 'journal', jsonb_build_object('seq', 0, 'hash', repeat('0', 64)), 'before the first row there is none');
SELECT is(current_setting('test.none')::jsonb #>> '{ingest,stored}', '0', 'and nothing was stored');
SELECT is((SELECT string_agg(concat_ws(' ', x ->> 'source', x ->> 'type', x ->> 'events', left(x ->> 'last_seen', 13)), ',') FROM jsonb_array_elements(current_setting('test.coverage')::jsonb -> 'coverage') x),
  '/c noise 1 2040-05-02T09', 'what no rule knew then');
SELECT is(jsonb_array_length(at('coverage', '2040-05-03T20:00:00Z') -> 'coverage'), 2, 'and the day after');
SELECT is(current_setting('test.coverage')::jsonb ->> 'as_of', '2040-05-02T20:00:00.000000Z', 'it says of when');
SELECT matches(current_setting('test.coverage')::jsonb ->> 'note', '^from what is still kept: events since 2040-05-02T09', 'and from what');
SELECT is(at('coverage', '2040-05-02T20:00:00Z', '{"what":"fields"}') @> '{"coverage":[{"source":"/b","path":"/data/level"}]}', true, 'a field that the rules of then did not look at');
SELECT is((SELECT string_agg(x ->> 'path', ' ' ORDER BY x ->> 'path') FROM jsonb_array_elements(say('coverage', 'anna', '{"what":"fields"}')::jsonb) x), '/data/more', 'those of now do');
SELECT is(jsonb_array_length(at('coverage', '2040-05-03T20:00:00Z', '{"since":"2040-05-03T00:00:00Z"}') -> 'coverage'), 2, 'since a moment, as of another');

-- what retention takes is not invented
SELECT clock_to('2040-12-20 09:00Z');
SELECT test.send('[{"id":"8","fp":"nine","src":"/late"}]', NULL, 'b');
SELECT api.tick();
SELECT is((SELECT min(received) > '2040-12-01' FROM capa.event), true, 'the events of May are gone');
SELECT set_config('test.early', at('status', '2040-05-02T08:00:00Z')::text, false);
SELECT set_config('test.late', at('status', '2040-05-11T20:00:00Z')::text, false);
SELECT is(current_setting('test.late')::jsonb #>> '{ingest,stored}', '4', 'how many there were is sealed');
SELECT is(current_setting('test.early')::jsonb #>> '{ingest,stored}', NULL, 'but not at which minute they came');
SELECT matches(current_setting('test.early')::jsonb #>> '{not_known,0,why}', '^how many events had been stored is not known', 'which is said');
SELECT is(current_setting('test.late')::jsonb -> 'sources', '[]', 'nor who was heard');
SELECT matches(at('coverage', '2040-05-11T20:00:00Z') ->> 'note', 'events since 2040-12-20T09:00:00.[0-9]*Z, those that no rule matched since never', 'which is said too');
SELECT is(at('status', '2040-05-02T20:00:00Z') -> 'open', before_() -> 'open', 'the register is as it was');
SELECT * FROM finish();
