-- What is kept beside the register is bounded, and counted where it is cut; seals at the turn of a month; long histories.
\ir lib/send.psql
SELECT plan(16);
UPDATE capa.clock SET shift = '2026-01-31 12:00Z'::timestamptz - clock_timestamp();
SELECT test.rules() ->> 'version';
CREATE FUNCTION status(what text) RETURNS int LANGUAGE sql AS $$
  SELECT (api.status('{"roles":["auditor"]}', 'x', '{}', NULL)::jsonb -> 'ingest' ->> what)::int
$$;
CREATE FUNCTION clock_by(i interval) RETURNS SETOF text LANGUAGE sql AS $$ UPDATE capa.clock SET shift = shift + i; SELECT NULL::text WHERE false $$;

-- a batch with nothing for the register
SELECT is(test.send('[{"id":"a","aside":"ignored"},{"id":"b","aside":"too_big","why":"5 MiB"}]'),
  '[{"status":"ignored","results":[]},{"status":"too_big","results":[],"error":"5 MiB"}]', 'a batch of which nothing is for the register');
SELECT is((SELECT count(*) FROM capa.event)::int, 0, 'stores no event');

-- size
UPDATE capa.setting SET value = '20000' WHERE name = 'bytes.ignored';
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT test.send(jsonb_agg(jsonb_build_object('id', i, 'aside', 'ignored', 'body', (SELECT string_agg(md5(i || '.' || k), '') FROM generate_series(1, 60) k)))) #>> '{0,status}' FROM generate_series(1, 20) i), 'ignored', 'twenty of them');
SELECT clock_by('25 hours');
SELECT test.send('[{"id":"today","aside":"ignored"}]') IS NOT NULL;
SELECT is((SELECT count(*) FROM capa.ignored)::int, 22, 'a day later they are still there');
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT count(*) FROM capa.ignored WHERE received < capa.now() - interval '12 hours')::int, 0, 'what is too big in all goes, the oldest day first');
SELECT is(status('cut'), 21, 'and is counted as cut');
SELECT is(status('ignored'), 22, 'what was ignored stays counted');
UPDATE capa.setting SET value = '1' WHERE name = 'bytes.ignored';
SELECT clock_by('61 min');
SELECT api.tick() IS NOT NULL;
SELECT is(test.send('[{"id":"more","aside":"ignored"}]') #>> '{0,status}', 'ignored', 'if today''s alone is too big');
SELECT is((SELECT count(*) FROM capa.ignored)::int, 1, 'nothing more is kept');
SELECT is(status('ignored'), 23, 'but counted');

-- a seal holds events of one month only, and misses none, also where numbers and receipts cross at its turn
SELECT is(test.send('[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"}]') #>> '{3,status}', 'stored', 'four events');
UPDATE capa.event SET received = CASE eventno - (SELECT min(eventno) FROM capa.event) WHEN 0 THEN '2026-01-31 23:59:59Z' WHEN 1 THEN '2026-02-01 00:00Z'
  WHEN 2 THEN '2026-01-31 23:59:59.9Z' ELSE '2026-02-01 00:01Z' END::timestamptz;
DO $$ BEGIN
  FOR i IN 1 .. 6 LOOP PERFORM capa.seal(); PERFORM capa.append('system'); UPDATE capa.clock SET shift = shift + interval '61 s'; END LOOP;
END $$;
SELECT is((SELECT sum(n) FROM capa.seal), 4::numeric, 'all are sealed');
SELECT is((SELECT count(*) FROM capa.seal s WHERE (SELECT count(DISTINCT date_trunc('month', e.received)) FROM capa.event e WHERE e.eventno BETWEEN s.first AND s.last) > 1)::int, 0, 'none together with another month''s');

-- what guards ask is bounded by time, not by the length of a history
SELECT is(capa.events_since(1, 'f', capa.now() - interval '1 hour') + capa.events_since(1, 'f', '2026-01-01'), 4, 'events of the last hour, and of all time');
SELECT cmp_ok(capa.eventno_at(capa.now()), '>=', (SELECT max(eventno) FROM capa.event), 'all of them came before now');
SELECT is(capa.eventno_at('2026-01-01'), 0::bigint, 'none before the first seal');
SELECT * FROM finish();
