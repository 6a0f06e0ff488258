-- Links of subscriptions (SEMANTICS section 5, "Covered"): what daemons tell of them, when one was down and for whom; what was expected by it is waited for
-- and not missed, windows of silence don't count the time; told once it lasts, and its end. The journal knows nothing else of it.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION load(letter text, VARIADIC rules jsonb[]) RETURNS text LANGUAGE sql AS $$
  SELECT test.rules(jsonb_build_object('rules', to_jsonb(rules)), letter) ->> 'changed'
$$;
CREATE FUNCTION missing(id text, expect jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', 'h', 'title', id, 'effect', 'missing', 'controls', '["A.8.13"]'::jsonb, 'policy', 'default', 'growth', '[]'::jsonb, 'expect',
    '{"kind":"every","every":{"s":86400},"grace":{"s":7200},"by":"/subject"}'::jsonb || expect || jsonb_build_object('subjects',
      (SELECT jsonb_agg(jsonb_build_object('name', n, 'fp', test.fp(id || n))) FROM jsonb_array_elements_text(expect -> 'names') n)))
$$;
CREATE FUNCTION fails(id text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', id, 'hash', 'h0', 'title', id, 'effect', 'fail', 'owner', 'ops', 'controls', '["A.8.13"]'::jsonb, 'triaged', true, 'policy', 'default', 'growth', '[]'::jsonb)
$$;
-- What one daemon says of one subscription: up, down, or null for not decided yet; for how many minutes it has been so.
CREATE FUNCTION link(daemon text, name text, up boolean, minutes int DEFAULT 0, sources text[] DEFAULT '{/mon/}') RETURNS void LANGUAGE sql AS $$
  SELECT api.links(daemon, jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('name', name, 'sources', to_jsonb(sources), 'up', up, 'for_ms', CASE WHEN up IS NOT NULL THEN minutes * 60000 END))))
$$;
CREATE FUNCTION dies(daemon_ text) RETURNS void LANGUAGE sql AS $$ UPDATE capa.link_daemon SET beat = beat - interval '5 minutes' WHERE daemon = daemon_ $$;
CREATE FUNCTION minute(at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT to_char(date_trunc('minute', at + interval '30 s') AT TIME ZONE 'UTC', 'MM-DD HH24:MI') $$;
CREATE FUNCTION gaps(source text, from_ text DEFAULT '2026-01-01', to_ text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(format('%s %s/%s', name, minute(lower(part)), minute(upper(part))), ', ' ORDER BY lower(part), name), '')
  FROM (SELECT g.name, unnest(g.gaps) AS part FROM capa.link_gaps(ARRAY[source], from_::timestamptz, coalesce(to_::timestamptz, capa.now())) g) x
$$;
CREATE FUNCTION tick() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  t jsonb := api.tick();
BEGIN
  WHILE (t ->> 'more')::boolean LOOP t := api.tick(); END LOOP;
  RETURN (SELECT string_agg(concat_ws(' ', e ->> 'rule', e ->> 'subject', left(e ->> 'due', 16)), ', ' ORDER BY e ->> 'rule', e ->> 'subject') FROM jsonb_array_elements(t -> 'expectations') e);
END $$;
CREATE FUNCTION due(rule_ text, subject_ text) RETURNS text LANGUAGE sql AS $$ SELECT minute(due) FROM capa.expectation WHERE rule = rule_ AND subject = subject_ $$;
CREATE FUNCTION told(reason text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', d ->> 'subscription', d ->> 'over', left(d ->> 'since', 16), d ->> 'expectations'), ', ' ORDER BY seq)
  FROM (SELECT seq, b.body::jsonb -> 'data' AS d FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'sys.degraded') x WHERE d ->> 'reason' = $1
$$;
CREATE FUNCTION via(subscription text, id text, source text) RETURNS text LANGUAGE sql AS $$
  SELECT api.ingest(b.meta || jsonb_build_object('heard', jsonb_build_array(jsonb_build_array(subscription, source))), b.bodies)::jsonb #>> '{results,0,status}'
  FROM test.batch(jsonb_build_array(jsonb_build_object('id', id, 'src', source, 'fp', source)), NULL, 'a') b
$$;
SELECT is(load('a', fails('backup-failed'), missing('nightly', '{"names":["box1","box2"]}'), missing('sources', '{"names":["/mon/x"],"by":"/source"}'),
  missing('named', '{"names":["db09"],"sources":["/mon/prod/1"]}'),
  missing('at2', '{"kind":"cron","every":null,"names":["box1"],"cron":{"minute":[0],"hour":[2],"day":null,"month":null,"weekday":null},"zone":"UTC"}') #- '{expect,every}'), 'true', 'rules');

-- what is told
SELECT (SELECT count(*) FROM capa.journal) AS rows \gset
SELECT link('a', 'mon', NULL);
SELECT is((SELECT count(*)::int FROM capa.link), 0, 'what is not decided yet is not written');
SELECT link('a', 'mon', true), link('a', 'mon', true), link('a', 'mon', NULL);
SELECT is((SELECT string_agg(concat_ws(' ', name, up, minute(from_at), to_at), ', ') FROM capa.link), 'mon t 01-05 09:00', 'nor what is so already');
SELECT clock_to('2026-01-06 09:00Z');
SELECT is(gaps('/mon/x'), '', 'a link that stands is no gap');
SELECT link('a', 'mon', false, 60);
SELECT is((SELECT string_agg(concat_ws(' ', up, minute(from_at), minute(to_at)), ', ' ORDER BY id) FROM capa.link), 't 01-05 09:00 01-06 08:00, f 01-06 08:00', 'a change is dated by its age');
SELECT clock_to('2026-01-06 10:00Z');
SELECT is(gaps('/mon/x'), 'mon 01-06 08:00/01-06 10:00', 'down, it is a gap for what it carries');
SELECT is(gaps('/mo'), '', 'and for nothing else');
SELECT is(gaps('/mon/x', '2026-01-06 09:00Z', '2026-01-06 09:30Z'), 'mon 01-06 09:00/01-06 09:30', 'within what is asked for');
SELECT link('a', 'mon', true, 30);
SELECT is(gaps('/mon/x'), 'mon 01-06 08:00/01-06 09:30', 'it ends when the link stands');

-- several daemons
SELECT link('b', 'mon', false);
SELECT clock_to('2026-01-06 11:00Z');
SELECT is(gaps('/mon/x', '2026-01-06 10:00Z'), '', 'it stands if any daemon has it');
SELECT link('a', 'mon', false);
SELECT clock_to('2026-01-06 12:00Z');
SELECT is(gaps('/mon/x', '2026-01-06 10:00Z'), 'mon 01-06 11:00/01-06 12:00', 'and is down when none has');
SELECT link('b', 'mon', true);
SELECT clock_to('2026-01-06 13:00Z');
SELECT link('b', 'mon', true);
SELECT dies('b');
SELECT clock_to('2026-01-06 14:00Z');
SELECT is(gaps('/mon/x', '2026-01-06 11:30Z'), 'mon 01-06 11:30/01-06 12:00, mon 01-06 13:00/01-06 14:00', 'what a daemon said lasts as long as it tells');
SELECT link('b', 'mon', true);
SELECT is((SELECT string_agg(concat_ws(' ', minute(from_at), minute(to_at)), ', ' ORDER BY id) FROM capa.link WHERE daemon = 'b' AND up),
  '01-06 12:00 01-06 13:00, 01-06 14:00', 'started again, it begins anew');
SELECT api.links('b', '[]');
SELECT is((SELECT count(*)::int FROM capa.link WHERE daemon = 'b' AND to_at IS NULL), 0, 'a subscription that is named no more has ended');
SELECT link('a', 'mon', true);
SELECT clock_to('2026-01-06 15:00Z');
SELECT link('a', 'mon', true, 0, '{/mon/,/lab/}');
SELECT is((SELECT string_agg(concat_ws(' ', sources::text, minute(to_at)), ', ' ORDER BY id) FROM capa.link WHERE daemon = 'a' AND up AND from_at >= '2026-01-06 14:00Z'),
  '{/mon/} 01-06 15:00, {/mon/,/lab/}', 'another list of sources begins anew, too');
SELECT is((SELECT count(*)::int FROM capa.journal), :rows, 'the journal has nothing of all that');
SELECT throws_ok($$SELECT api.links('a', '[{"name":"mon","up":"often"}]')$$, '22P02', NULL, 'nonsense is refused');

-- a subscription that doesn't say what it carries carries what was heard by it
SELECT link('c', 'any', false, 0, NULL);
SELECT clock_by('1 hour');
SELECT is(gaps('/lan/7', '2026-01-06 15:00Z'), '', 'nothing was heard by it');
SELECT is(via('any', 'l1', '/lan/7') || via('any', 'l2', '/lan/7') || via('any', 'l3', '/lan/70'), 'storedstoredstored', 'events came by it');
SELECT is((SELECT string_agg(link || source, ' ' ORDER BY source) FROM capa.link_source), 'any/lan/7 any/lan/70', 'each source is written once');
SELECT is(gaps('/lan/7', '2026-01-06 15:00Z'), 'any 01-06 15:00/01-06 16:00', 'what was heard by it hangs on it');
SELECT is(gaps('/lan/700', '2026-01-06 15:00Z') || gaps('/lan', '2026-01-06 15:00Z'), '', 'letter by letter');
SELECT capa.link_heard((SELECT jsonb_agg(jsonb_build_array('wide', n::text)) FROM generate_series(1, 9999) n));
SELECT capa.link_heard('[["wide","a"],["wide","b"],["wide","b"],["wide","7"],["other","a"]]');
SELECT is((SELECT string_agg(link || ' ' || n, ', ' ORDER BY link) FROM (SELECT link, count(*) AS n FROM capa.link_source GROUP BY link) x), 'any 2, other 1, wide 10000',
  'no more than 10,000 sources of one subscription are kept');
DELETE FROM capa.link_source WHERE link IN ('wide', 'other');

-- expected events
SELECT tick();
SELECT clock_to('2026-02-01 02:10Z');
SELECT link('a', 'mon', true), api.links('c', '[]');
SELECT test.send('[{"id":"n1","fp":"nightlybox1","subject":"box1","src":"/mon/box1","rule":1,"effect":"pass"},{"id":"n2","fp":"nightlybox2","subject":"box2","src":"/else","rule":1,"effect":"pass"},
  {"id":"n3","fp":"sources/mon/x","subject":"/mon/x","src":"/mon/x","rule":2,"effect":"pass"},{"id":"n4","fp":"namedb09","subject":"db09","src":"/mon/prod/1","rule":3,"effect":"pass"},
  {"id":"n5","fp":"at2box1","subject":"box1","src":"/mon/box1","rule":4,"effect":"pass"}]');
SELECT is((SELECT string_agg(source, ' ' ORDER BY source) FROM capa.passed), '/else /mon/box1 /mon/box1 /mon/prod/1 /mon/x', 'where each came from is kept');
SELECT tick();
DELETE FROM capa.passed WHERE source IN ('/mon/x', '/mon/prod/1');   -- as if never heard, but expected since then
UPDATE capa.expectation SET from_at = '2026-02-01 02:10Z', due = '2026-02-02 04:10Z' WHERE subject IN ('/mon/x', 'db09');
SELECT clock_to('2026-02-02 01:00Z');
SELECT link('a', 'mon', false), tick();
SELECT clock_to('2026-02-02 03:00Z');
SELECT link('a', 'mon', true);
SELECT clock_to('2026-02-02 06:11Z');
SELECT is(tick(), 'nightly box2 2026-02-02T04:10', 'what does not come by the link is missing, nothing else');
SELECT is(due('nightly', 'box1'), '02-03 06:10', 'what may have come while it was down is waited for a period more, and the time that it was down');
SELECT is(due('sources', '/mon/x'), '02-03 06:10', 'also where the subject is the source');
SELECT is(due('named', 'db09'), '02-03 06:10', 'and where the rule names the source, though it was never heard');
SELECT is(due('at2', 'box1'), '02-03 05:00', 'of a calendar its next time');
SELECT is(told('coverage_unknown'), '2, 4', 'and it is reported');
SELECT is((SELECT row(u ->> 'subscription', left(u ->> 'from', 16), left(u ->> 'to', 16))::text FROM jsonb_array_elements(capa.expectation_coverage() -> 'unknown') u WHERE u ->> 'subscription' = 'mon'),
  '(mon,2026-02-02T01:00,2026-02-02T03:00)', 'status says when nobody could have heard');
SELECT clock_to('2026-02-03 05:30Z');
SELECT is(tick(), 'at2 box1 2026-02-03T05:00, nightly box2 2026-02-02T04:10', 'what did not come then either is missing');
SELECT link('a', 'mon', false);
SELECT clock_to('2026-02-03 06:30Z');
SELECT is(tick(), 'at2 box1 2026-02-03T05:00, nightly box2 2026-02-02T04:10', 'down again, nothing else is');
SELECT is(due('nightly', 'box1') > '02-03 06:30', true, 'it goes on moving');

-- told, once it lasts
SELECT link('a', 'mon', true), tick();
SELECT clock_by('2 minutes');
SELECT tick();
SELECT is(told('link_down'), 'any false 2026-01-06T15:00, any true, mon false 2026-02-03T05:30, mon true 2026-02-03T06:30', 'an outage is told, and its end');
SELECT link('a', 'mon', false), tick();
SELECT clock_by('50 seconds');
SELECT link('a', 'mon', true), tick();
SELECT clock_by('50 seconds');
SELECT link('a', 'mon', false), tick();
SELECT is(array_length(string_to_array(told('link_down'), ','), 1), 4, 'a short one is not');
SELECT clock_by('1 minute');
SELECT tick();
SELECT is(array_length(string_to_array(told('link_down'), ','), 1), 5, 'one that lasts a minute is');
SELECT is((SELECT row(l ->> 'group', l ->> 'title', l ->> 'command')::text FROM jsonb_array_elements(say('page', 'ina', '{}') -> 'lines') l WHERE l ->> 'group' = 'links'),
  '(links,mon,"capactl status")', 'it stands on the page of those who can do something');
SELECT is(say('page', 'olga', '{}', NULL, '{owner}')::text LIKE '%"links"%', false, 'and of nobody else');
SELECT link('a', 'mon', true), tick();
SELECT clock_by('10 seconds');
SELECT link('a', 'mon', false), tick();
SELECT clock_by('2 minutes');
SELECT tick();
SELECT is(array_length(string_to_array(told('link_down'), ','), 1), 5, 'its end is told only when it lasts as well');
SELECT api.links('a', '[]');
SELECT tick();
SELECT is((SELECT b.body::jsonb #>> '{data,sentence}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE topic = 'sys.degraded' ORDER BY seq DESC LIMIT 1),
  'no daemon has subscription mon any more', 'nor is one missed that is configured no more');

-- the window of event_silence, and what watches a source
SELECT clock_to('2026-03-02 09:00Z');
SELECT link('a', 'mon', true), tick();
CREATE FUNCTION verifying(fp text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.send(jsonb_build_array(jsonb_build_object('id', fp || '-0', 'fp', fp, 'src', source))) #>> '{0,results,0,nc}';
  ca text;
BEGIN
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', 'yes', 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref, 'method', 'event_silence', 'window', '10d'));
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  RETURN ref;
END $$;
CREATE FUNCTION covered(ref text, VARIADIC path text[]) RETURNS text LANGUAGE sql AS $$
  SELECT say('show', 'anna', jsonb_build_object('ref', ref)) #>> ('{criterion,covered}'::text[] || path)
$$;
SELECT verifying('w1', '/mon/db77') AS w, verifying('w2', '/far/db77') AS v \gset
SELECT is(concat_ws(' ', covered(:'w', 'watched'), covered(:'v', 'watched')), 'true false', 'a subscription that carries the source watches it');
SELECT matches(covered(:'w', 'sentence'), '; source watched by subscription mon$', 'and the sentence says so');
SELECT covered(:'w', 'window_ends') AS ends \gset
SELECT clock_to('2026-03-03 09:00Z');
SELECT link('a', 'mon', false);
SELECT clock_to('2026-03-03 12:00Z');
SELECT link('a', 'mon', true);
SELECT is(covered(:'w', 'uncovered', '0', 'why'), 'the link of subscription mon was down', 'time in which it was down is not covered');
SELECT is(date_trunc('minute', covered(:'w', 'window_ends')::timestamptz - :'ends'::timestamptz + interval '30 s'), interval '3 hours', 'and the window ends later by it');
SELECT is(covered(:'v', 'uncovered'), '[]', 'of what it does not carry it says nothing');
SELECT * FROM finish();
