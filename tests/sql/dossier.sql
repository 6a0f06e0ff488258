-- What a dossier is made of: records without other NCs' titles, files and what proves them, the journal in pages; nothing of another, and
-- only for who may read it.
\ir lib/send.psql
\ir method.sql
SELECT plan(24);
UPDATE capa.clock SET shift = '2026-01-05 12:00Z'::timestamptz - clock_timestamp();
SELECT test.rules() ->> 'version';
CREATE FUNCTION dossier(params jsonb, who text DEFAULT 'ada', roles jsonb DEFAULT '["auditor"]') RETURNS jsonb LANGUAGE sql AS $$
  SELECT api.dossier(jsonb_build_object('name', who, 'roles', roles), who, params, NULL)::jsonb $$;
CREATE FUNCTION refused(params jsonb, who text DEFAULT 'ada', roles jsonb DEFAULT '["auditor"]') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dossier(params, who, roles);
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT test.one('1') IS NOT NULL;
SELECT test.one('2', '{"fp":"other"}') IS NOT NULL;
SELECT test.one('3') IS NOT NULL;
SELECT do_('triage', 'anna', '{"nc":2,"statement":"OTHER statement"}');
SELECT do_('cause', 'anna', '{"nc":2,"text":"OTHER cause","category":"technology"}');
SELECT do_('cause', 'anna', '{"nc":1,"text":"own cause","category":"technology"}');
SELECT do_('evidence.add', 'anna', '{"ref":"NC-1","evidence":[{"name":"a.txt","frame":0},{"url":"https://example.org/x"}]}', ARRAY['a'::bytea]);
SELECT capa.seal() IS NOT NULL;
SELECT capa.append('system') IS NOT NULL;
SELECT test.one('4', '{"effect":"pass"}') IS NOT NULL;
SELECT do_('evidence.add', 'anna', jsonb_build_object('ref', 'NC-1', 'evidence', jsonb_build_array(jsonb_build_object('event', (SELECT eventno FROM capa.event WHERE body LIKE '%"id":"3"%')))));

CREATE TEMPORARY TABLE head AS SELECT dossier('{"nc":"NC-1"}') AS h;
SELECT is((SELECT h -> 'head' FROM head), capa.journal_head(), 'it says where the journal ends');
SELECT is((SELECT (h #>> '{ncs,0,show}')::jsonb -> 'similar' FROM head), '[{"ref":"NC-2","why":["same control and cause category"]}]', 'similar ones by reference alone');
SELECT is((SELECT h::text LIKE '%OTHER%' FROM head), false, 'nothing of another');
SELECT is((SELECT string_agg(concat_ws(' ', f ->> 'kind', f ->> 'eventno', f ->> 'name'), ', ' ORDER BY (f ->> 'id')::int) FROM head, jsonb_array_elements(h -> 'files') f WHERE f ->> 'kind' = 'file'), 'file a.txt', 'its files, no links');
SELECT is((SELECT bool_and(b.body LIKE '%' || (f ->> 'sha256') || '%' AND b.nc = 1) FROM head, jsonb_array_elements(h -> 'files') f JOIN capa.journal_body b ON b.seq = (f ->> 'row')::bigint), true, 'and of each the row that holds its SHA-256');
SELECT is((SELECT count(*) FROM head, jsonb_array_elements(h -> 'files') f WHERE f ->> 'kind' = 'event')::int, 3, 'three events');
SELECT is((SELECT bool_and(capa.merkle_proves(decode(f ->> 'digest', 'hex'), f -> 'path', decode(f ->> 'root', 'hex'))) FROM head, jsonb_array_elements(h -> 'files') f WHERE f ->> 'seal' IS NOT NULL), true, 'each with its way to the root');
SELECT is((SELECT count(*) FROM head, jsonb_array_elements(h -> 'files') f WHERE f ->> 'kind' = 'event' AND f ->> 'seal' IS NOT NULL)::int, 2, 'also one that became evidence after its seal; the newest is not sealed yet');
SELECT is((SELECT bool_and(j.topic = 'evidence.sealed' AND b.body LIKE '%' || (f ->> 'root') || '%') FROM head, jsonb_array_elements(h -> 'files') f JOIN capa.journal j ON j.seq = (f ->> 'seal')::bigint JOIN capa.journal_body b USING (seq)), true, 'whose row is that of the seal');

CREATE TEMPORARY TABLE page AS SELECT dossier('{"nc":["NC-1"],"after":0}') AS p;
SELECT is((SELECT p ->> 'links' FROM page), (SELECT string_agg(encode(sha256(convert_to(open, 'UTF8')), 'hex') || ' ' || encode(hash, 'hex') || E'\n', '' ORDER BY seq) FROM capa.journal), 'of each row its digest and hash');
SELECT is((SELECT array_agg((o ->> 'seq')::bigint ORDER BY (o ->> 'seq')::bigint) FROM page, jsonb_array_elements(p -> 'opened') o), (SELECT array_agg(seq ORDER BY seq) FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE b.nc = 1 OR j.topic = 'evidence.sealed'), 'in full its own rows and the seals');
SELECT is((SELECT bool_and(o ->> 'body' = b.body AND o ->> 'salt' = encode(b.salt, 'hex') AND o ->> 'open' = j.open) FROM page, jsonb_array_elements(p -> 'opened') o JOIN capa.journal_body b ON b.seq = (o ->> 'seq')::bigint JOIN capa.journal j ON j.seq = b.seq), true, 'as the bytes that were hashed');
SELECT is((SELECT p::text LIKE '%OTHER%' FROM page), false, 'nothing of another');
SELECT is((dossier('{"nc":"1","after":0,"upto":5}') ->> 'next')::int, 5, 'a page ends where the head was');
SELECT is(dossier('{"nc":"1","after":5,"upto":5}') - 'next', '{"links":"","opened":[]}', 'behind the end there is nothing');
SELECT is((SELECT string_agg(x.l, '' ORDER BY a) FROM generate_series(0, (SELECT max(seq) FROM capa.journal) - 1) a, LATERAL (SELECT dossier(jsonb_build_object('nc', 1, 'after', a, 'upto', a + 1)) ->> 'links' AS l) x), (SELECT p ->> 'links' FROM page), 'in pages as in one');
SELECT is(capa.dossier_row('{"data":{"changes":[{"table":"record","rows":[{"nc":1},{"nc":2}]}]}}', '{1}'), false, 'a row that changed another one too is withheld');
SELECT is(capa.dossier_row('{"data":{"changes":[{"table":"record","rows":[{"nc":1},{"nc":2}]}]}}', '{1,2}'), true, 'unless both are in it');
SELECT is(capa.dossier_row('{"data":{"changes":[{"table":"loaded","rows":[{"kind":"people"}]}]}}', '{1}'), false, 'configuration is nobody''s');
SELECT is(jsonb_array_length(dossier('{"nc":[1,2,"NC-1"]}') -> 'ncs'), 2, 'two in one, each once');
SELECT matches(refused('{"nc":"NC-99"}'), '^CA002 There is no NC-99', 'one that is not there');
SELECT matches(refused('{}'), '^CA003 dossier needs "nc"', 'without one');
SELECT is(refused('{"nc":1}', 'x', '[]') LIKE 'CA004%', true, 'not for who has no role');
SELECT do_('restrict', 'anna', '{"nc":1,"restricted":true,"reason":"personal"}');
SELECT matches(refused('{"nc":1}', 'eve', '["reporter"]'), '^CA004 NC-1 is restricted', 'of a restricted one only for who may read it');
SELECT * FROM finish();
