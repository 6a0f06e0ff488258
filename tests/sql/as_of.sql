-- Reading as of a moment: the register as it was, by every reading method, with the rights of now; and nothing of it stays.
\ir method.sql
\ir past.sql
SELECT plan(29);
SELECT clock_to('2040-01-02 09:00Z');
SELECT do_('raise', 'rita', '{"title":"first","grade":"minor","owner":"anna","controls":["A.8.13"],"statement":"s","labels":{"site":"b"}}');
SELECT is(by_rule('{"title":"by a rule"}'), 'NC-2', 'one that a rule raised');
SELECT event('NC-2', 'f');
SELECT clock_to('2040-01-03 09:00Z');
SELECT event('NC-2', 'f');
SELECT do_('contain', 'anna', '{"nc":1,"not_applicable":"gone","consequences":"none"}');
SELECT do_('note', 'anna', '{"ref":1,"text":"on the third"}');
SELECT clock_to('2040-01-04 09:00Z');
CREATE TABLE seen AS SELECT m, p, past(m, 'anna', p || '{"as_of":"2040-01-03T12:00:00Z"}')::text AS answer FROM (VALUES ('list', '{}'::jsonb),
  ('list', '{"all":true,"register":true}'), ('show', '{"ref":1}'), ('show', '{"ref":2}'), ('log', '{"ref":1}'), ('next', '{}'), ('next', '{"nc":1}'),
  ('page', '{}'), ('search', '{"text":"first"}'), ('since', '{"since":"5d"}'), ('approvals', '{}'), ('evidence.list', '{"ref":1}'),
  ('escalations', '{}'), ('due', '{"within":"90d"}'), ('form', '{"nc":1}'), ('journal.read', '{"after":0}'), ('journal.export', '{"after":0}')) AS v(m, p);
SELECT is((SELECT count(DISTINCT seq) FROM capa.journal), (SELECT count(*) FROM capa.journal), 'reading writes no journal row');
CREATE TABLE live AS SELECT m, p, say(m, 'anna', p, NULL, '{owner,isms_manager}')::text AS answer FROM seen WHERE m IN ('list', 'log', 'search', 'journal.read', 'journal.export', 'form');
SELECT is((SELECT string_agg(m, ' ') FROM seen JOIN live USING (m, p) WHERE seen.answer <> live.answer), NULL,
  'while nothing happened since, the past is what is there');

-- later things do not show
SELECT do_('cause', 'anna', '{"nc":1,"text":"late","category":"process"}');
SELECT do_('assign', 'anna', '{"ref":1,"owner":"ben"}');
SELECT do_('raise', 'rita', '{"title":"first of the later ones","grade":"major","owner":"anna"}');
SELECT event('NC-2', 'f');
SELECT event('NC-2', 'p');
SELECT do_('reject', 'anna', '{"nc":2,"reason":"a test"}');
SELECT is((SELECT string_agg(m || ' ' || p, ', ') FROM seen WHERE past(m, 'anna', p || '{"as_of":"2040-01-03T12:00:00Z"}')::text <> answer), NULL,
  'each method gives the same bytes later');
SELECT is(past('show', 'anna', '{"ref":1,"as_of":"2040-01-02T12:00:00Z"}') ->> 'state', 'triaged', 'the state of the second');
SELECT is(past('show', 'anna', '{"ref":1,"as_of":"2040-01-03T12:00:00Z"}') ->> 'state', 'contained', 'and of the third');
SELECT is(past('show', 'anna', '{"ref":1,"as_of":"2040-01-03T12:00:00Z"}') ->> 'owner', 'anna', 'its owner then');
SELECT is(past('show', 'anna', '{"ref":2,"as_of":"2040-01-02T12:00:00Z"}') ->> 'occurrences', '1', 'events up to the moment are counted');
SELECT is(past('show', 'anna', '{"ref":2,"as_of":"2040-01-03T12:00:00Z"}') ->> 'occurrences', '2', 'and those of the next day');
SELECT is(say('show', 'anna', '{"ref":2}') ->> 'occurrences', '3', 'while all are counted now');
SELECT is(jsonb_array_length(past('list', 'anna', '{"as_of":"2040-01-03T12:00:00Z"}')), 2, 'what was open then');
SELECT is(jsonb_array_length(past('list', 'anna', '{"as_of":"2040-01-02T08:59:00Z"}')), 0, 'and a minute before the first');
SELECT is(past('list', 'anna', '{"as_of":"2001-01-01"}'), '[]', 'before the first row the register is empty');
SELECT matches(past_refusal('show', '{"ref":1,"as_of":"2001-01-01"}'), '^CA002 There is no NC-1', 'so nothing can be shown of it');
SELECT is(jsonb_array_length(past('list', 'anna', '{"as_of":"36h"}')), 2, 'a duration is ago');
SELECT is(past('show', 'anna', '{"ref":1,"as_of":"2040-01-02"}') ->> 'state', 'triaged', 'a date is the end of that day''s work');
-- the clock stands at the moment
SELECT is((SELECT (d ->> 'overdue')::boolean FROM jsonb_array_elements(past('list', 'anna', '{"as_of":"2040-01-03T12:00:00Z"}')) d WHERE d ->> 'ref' = 'NC-1'), false, 'nothing was overdue then');
SELECT clock_to('2040-03-20 09:00Z');
SELECT is((SELECT (d ->> 'overdue')::boolean FROM jsonb_array_elements(past('list', 'anna', '{"as_of":"2040-01-03T12:00:00Z"}')) d WHERE d ->> 'ref' = 'NC-1'), false, 'nor is it now that it was');
SELECT is((SELECT (d ->> 'overdue')::boolean FROM jsonb_array_elements(past('list', 'anna', '{"as_of":"2040-03-19T12:00:00Z"}')) d WHERE d ->> 'ref' = 'NC-1'), true, 'yesterday it was');

-- limits
SELECT matches(past_refusal('list', '{"as_of":"2040-03-20T09:05:00Z"}'), '^CA003 .* is still to come', 'the future is refused');
SELECT matches(past_refusal('list', '{"as_of":"yesterday"}'), '^CA003 "as_of" is no moment', 'and what is no moment');
SELECT matches(past_refusal('note', '{"as_of":"1d","ref":1,"text":"x"}'), '^CA003 note takes no "as_of"', 'the past is not changed');
SELECT matches(past_refusal('list', '{"as_of":"1d","colour":"red"}'), '^CA003 list has no parameter "colour"', 'parameters are checked as ever');
SELECT matches(past_refusal('list', '{"as_of":"1d"}', 'nobody', '{}'), '^CA004', 'rights are those of now');
SELECT is((SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname IN ('nc', 'action', 'fact', 'as_of_change')), NULL, 'nothing of it stays');
SELECT matches(refusal('list', 'anna', '{"as_of":"1d"}'), '^CA003 list has no parameter "as_of"', 'a method called directly does not pass it over in silence');

-- what was restricted since is so for the past too
UPDATE capa.nc SET restricted = true WHERE id = 1;
SELECT matches(past_refusal('show', '{"ref":1,"as_of":"2040-01-03T12:00:00Z"}', 'stranger', '{reporter}'), '^CA00[24]', 'what is restricted now cannot be read in its past');
SELECT is(past_refusal('show', '{"ref":1,"as_of":"2040-01-03T12:00:00Z"}', 'ben', '{reporter}'), 'OK', 'but by its owner of now');
UPDATE capa.nc SET restricted = NULL WHERE id = 1;

SELECT is((SELECT string_agg(c.tbl, ' ') FROM capa.rebuild_check() c), NULL, 'and the register is untouched');
SELECT * FROM finish();
