-- What stays of an NC and for how long (PRODUCT "Retention"): of each cycle the first, last and worst event, what people attached; bytes
-- until six years after the last closing, longer under hold; the register and its hashes for good.
\ir lib/send.psql
\ir method.sql
SELECT plan(31);
UPDATE capa.clock SET shift = '2026-01-05 12:00Z'::timestamptz - clock_timestamp();
SELECT test.rules() ->> 'version';
CREATE FUNCTION days(n int) RETURNS SETOF text LANGUAGE sql AS $$ UPDATE capa.clock SET shift = shift + make_interval(days => n); SELECT NULL::text WHERE false $$;
CREATE FUNCTION tick() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.tick();
END $$;
CREATE FUNCTION roles(nc_ int, cycle_ int) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(role || ':' || (convert_from(capa.event_bytes(eventno), 'UTF8')::json ->> 'id'), ' ' ORDER BY id) FROM capa.evidence WHERE nc = nc_ AND cycle = cycle_ AND kind = 'event' $$;
CREATE FUNCTION kept(nc_ int) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s of %s', count(*) FILTER (WHERE removed_at IS NULL AND EXISTS (SELECT FROM capa.evidence_body b WHERE b.sha256 = e.sha256)), count(*)) FROM capa.evidence e WHERE nc = nc_ $$;
SELECT tick();

-- first, last and worst of each cycle
SELECT is(test.one('a1') #>> '{results,0,effect}', 'raised', 'a first cycle begins with an event');
SELECT test.one('a2', '{"grade":"major"}') IS NOT NULL;
SELECT test.one('a3') IS NOT NULL;
SELECT test.one('a4', '{"adapter":"am","redacted":["/a"]}') IS NOT NULL;
SELECT is(roles(1, 1), 'raised:a1 worst:a2', 'the first is kept at once, the worst when it comes');
SELECT do_('contain', 'anna', '{"nc":1,"text":"again","evidence":[{"name":"log","frame":0}]}', ARRAY['what people attach'::bytea]);
SELECT do_('reject', 'anna', '{"nc":1,"reason":"was a test","suppress":"1d"}');
SELECT do_('approve', 'bert', '{"ref":"NC-1"}');
SELECT do_('reopen', 'anna', '{"nc":1,"reason":"was none"}');
SELECT is((SELECT cycle FROM capa.nc WHERE id = 1), 2, 'a second cycle begins without an event');
SELECT days(1);
SELECT test.one('b0', '{"effect":"pass"}') IS NOT NULL;
SELECT test.one('b1') IS NOT NULL;
SELECT test.one('b2', '{"grade":"major"}') IS NOT NULL;
SELECT test.one('b3', '{"grade":"major"}') IS NOT NULL;
SELECT test.one('b4') IS NOT NULL;
SELECT is(roles(1, 2) LIKE '%worst%', false, 'its worst is no worse than the worst before');
SELECT days(62);
SELECT test.one('c1') IS NOT NULL;
SELECT test.one('c2') IS NOT NULL;
SELECT days(62);
SELECT tick();
SELECT is(roles(1, 1), 'raised:a1 worst:a2 last:a4', 'of the first cycle stay the first, the worst, the last');
SELECT is((SELECT string_agg(e ->> 'role' || ' ' || (e ->> 'redacted'), ',') FROM jsonb_array_elements(capa.evidence_json(1, NULL, true)::jsonb) e), 'last ["/a"]',
  'with what an adapter took out of it');
SELECT is(regexp_replace(roles(1, 2), 'passed:b0 ', ''), 'first:b1 worst:b2 last:b4', 'of the second too');
SELECT days(62);
SELECT tick();
SELECT is(regexp_replace(roles(1, 2), 'passed:b0 ', ''), 'first:b1 worst:b2 last:b4 last:c2', 'a later month adds its last, and no second first');
SELECT is((SELECT bool_and(capa.merkle_proves(p.digest, p.path, decode(s.root, 'hex'))) FROM capa.event_proof p LEFT JOIN capa.seal s ON s.id = p.seal), true, 'each proved under its seal');
SELECT is((SELECT count(*) FROM capa.event)::int, 0, 'the others are gone');
SELECT is((SELECT count(*) FROM capa.event_gone WHERE nc = 1)::int, (SELECT sum(fails + passes) FROM capa.nc_tally WHERE nc = 1)::int, 'their digests and their count stay');

-- six years after the last closing
SELECT do_('reject', 'anna', '{"nc":1,"reason":"was a test after all","suppress":"1d"}');
SELECT do_('approve', 'bert', '{"ref":"NC-1"}');
SELECT do_('raise', 'rita', '{"title":"of the same file","grade":"minor","owner":"anna","controls":"A.8.13","statement":"s"}');
SELECT do_('evidence.add', 'anna', '{"ref":"NC-2","evidence":[{"name":"copy","frame":0},{"name":"own","frame":1},{"url":"https://example.org/x"}]}', ARRAY['what people attach'::bytea, 'own'::bytea]);
SELECT do_('raise', 'rita', '{"title":"under hold","grade":"minor","owner":"anna","controls":"A.8.13","statement":"s","evidence":[{"name":"h","frame":0}]}', ARRAY['held'::bytea]);
SELECT do_('reject', 'anna', '{"nc":3,"reason":"r"}');
SELECT do_('hold', 'anna', '{"ref":"NC-3","reason":"a court asks"}');
SELECT is(state('NC-1') || ' ' || state('NC-2') || ' ' || state('NC-3'), 'rejected triaged rejected', 'one left, one open, one left under hold');
SELECT days(6 * 365 - 10);
SELECT tick();
SELECT is(kept(1), (SELECT format('%s of %1$s', count(*)) FROM capa.evidence WHERE nc = 1), 'before six years are over all is there');
SELECT days(20);
SELECT tick();
SELECT is((SELECT count(*) FROM capa.evidence WHERE nc = 1 AND removed_at IS NULL)::int, 0, 'then all of it is removed');
SELECT is((SELECT bool_and(removed_why = 'retention' AND sha256 IS NOT NULL) FROM capa.evidence WHERE nc = 1), true, 'for retention, with its hashes');
SELECT is((SELECT count(*) FROM capa.evidence_body WHERE body = 'what people attach')::int, 1, 'bytes that another one needs stay');
SELECT is((SELECT count(*) FROM capa.evidence_body b WHERE b.sha256 IN (SELECT e.sha256 FROM capa.evidence e WHERE e.nc = 1 AND e.kind = 'event'))::int, 0, 'the others go');
SELECT is(kept(2), '2 of 3', 'an open one keeps all');
SELECT is(kept(3), '1 of 1', 'so does one under hold');
SELECT is((SELECT b.body::jsonb #>> '{data,n}' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic = 'evidence.removed' AND b.nc = 1), (SELECT count(*)::text FROM capa.evidence WHERE nc = 1), 'a journal row says how many');
SELECT is((SELECT count(*) FROM capa.journal j JOIN capa.journal_body b USING (seq), jsonb_array_elements(b.body::jsonb #> '{data,evidence}') x
  JOIN capa.evidence e ON 'EV-' || e.id = x ->> 'ref' AND e.sha256 = x ->> 'sha256' WHERE j.topic = 'evidence.removed'), (SELECT count(*) FROM capa.evidence WHERE nc = 1), 'and which, with their hashes');
SELECT matches(refusal('evidence.get', 'anna', '{"id":"EV-1"}'), '^CA002 The bytes of EV-1 were removed on .* \(retention\)', 'who asks is told');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') #>> '{title}', 'Backup of db01 failed', 'the record stays');
SELECT is(jsonb_path_query_array(say('show', 'anna', '{"ref":"NC-1"}'), '$.evidence[*] ? (exists (@.event))'), '[]', 'without bytes of events');
SELECT tick();
SELECT days(1);
SELECT tick();
SELECT is((SELECT count(*) FROM capa.journal WHERE topic = 'evidence.removed')::int, 1, 'once');
SELECT do_('hold', 'anna', '{"ref":"NC-3","reason":"the court is done","end":true}');
SELECT days(2);
SELECT tick();
SELECT is(kept(3), '0 of 1', 'after the hold it goes');

-- a reopened one starts anew; many go in several runs
SELECT do_('reject', 'anna', '{"nc":2,"reason":"r"}');
SELECT do_('approve', 'bert', '{"ref":"NC-2"}') WHERE EXISTS (SELECT FROM capa.request WHERE nc = 2 AND state = 'open');
SELECT days(5 * 365);
SELECT do_('reopen', 'anna', '{"nc":2,"reason":"came again"}');
SELECT do_('reject', 'anna', '{"nc":2,"reason":"r"}');
SELECT do_('approve', 'bert', '{"ref":"NC-2"}') WHERE EXISTS (SELECT FROM capa.request WHERE nc = 2 AND state = 'open');
SELECT is(state('NC-2'), 'rejected', 'reopened and left again');
SELECT days(2 * 365);
SELECT tick();
SELECT is(kept(2), '2 of 3', 'counted from the last closing');
SELECT count(say('raise', 'rita', jsonb_build_object('title', 'n' || i, 'grade', 'minor', 'owner', 'anna', 'controls', 'A.8.13', 'statement', 's', 'evidence',
  '[{"name":"h","frame":0}]'::jsonb), ARRAY[convert_to('file ' || i, 'UTF8')])) FROM generate_series(1, 5) i;
SELECT count(say('reject', 'anna', jsonb_build_object('nc', id, 'reason', 'r'))) FROM capa.nc WHERE title LIKE 'n_' AND state = 'triaged';
UPDATE capa.setting SET value = '2' WHERE name = 'retention.batch';
SELECT days(7 * 365);
SELECT tick();
SELECT is((SELECT count(*) FROM capa.evidence WHERE removed_at IS NULL AND sha256 IS NOT NULL)::int, 4, 'so many a run');
SELECT days(1);
SELECT tick();
SELECT days(1);
SELECT tick();
SELECT days(1);
SELECT tick();
SELECT is((SELECT count(*) FROM capa.evidence WHERE removed_at IS NULL AND sha256 IS NOT NULL)::int, 0, 'the next runs go on');
SELECT is((SELECT count(*) FROM capa.evidence_body)::int, 0, 'nothing is left that nobody needs');
SELECT * FROM finish();
