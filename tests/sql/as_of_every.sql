-- Every reading method there is reads the past, also a long answer.
\ir method.sql
\ir past.sql
SELECT plan(3);
SELECT clock_to('2040-01-02 09:00Z');
SELECT do_('raise', 'rita', '{"title":"first","grade":"minor","owner":"anna","controls":["A.8.13"],"statement":"s"}');
SELECT is(by_rule('{"title":"by a rule"}'), 'NC-2', 'one that a rule raised');
SELECT event('NC-2', 'f');
SELECT clock_to('2040-01-03 09:00Z');
-- every reading method there is
SELECT is((SELECT string_agg(name || ': ' || answer, '; ') FROM (SELECT name, past_refusal(name, '{"as_of":"1h"}'::jsonb || CASE name WHEN 'evidence.get' THEN '{"id":"EV-1"}'
      WHEN 'event' THEN '{"eventno":1}' WHEN 'search' THEN '{"text":"first"}' WHEN 'dossier' THEN '{"nc":["NC-1"]}' WHEN 'rules.outcome' THEN '{"matches":[]}'
      ELSE CASE WHEN 'nc' = ANY (needed) THEN '{"nc":"NC-1"}' WHEN 'ref' = ANY (needed) THEN '{"ref":"NC-1"}' ELSE '{}' END END::jsonb) AS answer
    FROM capa.method WHERE NOT changes AND name <> 'rules.replay') x WHERE answer <> 'OK' AND answer NOT LIKE 'CA002%'), NULL,
  'each of them reads the past');

-- a long answer
SELECT do_('note', 'anna', jsonb_build_object('ref', 1, 'text', repeat('long ', 3000))) FROM generate_series(1, 100);
SELECT clock_to('2040-01-04 09:00Z');
SELECT cmp_ok(octet_length(past('show', 'anna', '{"ref":1,"as_of":"1h"}')::text), '>', 1400000, 'more than a megabyte comes whole');
SELECT * FROM finish();
