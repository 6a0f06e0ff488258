-- The journal: chain, reading, publishing, epochs, configuration; seals and proofs; retention; the register rebuilt; rights
-- (SEMANTICS sections 2, 3 and 8).
\ir lib/send.psql
\ir policy.sql
SELECT plan(95);
UPDATE capa.clock SET shift = '2026-01-30 12:00Z'::timestamptz - clock_timestamp();
CREATE FUNCTION sealed() RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int := capa.seal();
BEGIN
  PERFORM capa.append('system');
  RETURN n;
END $$;
CREATE FUNCTION read(params jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT api.journal_read('{"roles":["auditor"]}', 'x', params, NULL)::jsonb $$;

-- configuration
SELECT is(test.rules(), '{"kind":"rules","version":1,"changed":true}', 'rules are loaded');
SELECT is(test.rules(), '{"kind":"rules","version":1,"changed":false}', 'the same again is no row');
SELECT is(api.load('rules', repeat('b', 64), '{"rules":[{"id":"backup-failed","hash":"h0","title":"Backup failed","effect":"fail","owner":"ops","controls":["A.8.13"],"triaged":true,"policy":"default","growth":[]},{"id":"new","hash":"n"}]}', 'anna'),
  '{"kind":"rules","version":2,"changed":true}', 'another set is version 2');
SELECT is((SELECT b.body::jsonb #> '{data,difference}' FROM capa.journal_body b JOIN capa.journal USING (seq) WHERE topic = 'config.loaded' ORDER BY seq DESC LIMIT 1),
  '{"added":["new"],"removed":["disk-full"],"changed":[]}', 'its row says what came and went');
SELECT is(load_policy() ->> 'version', '1', 'a policy counts for itself');
SELECT is(load_policy('{"sod":"waivable"}') ->> 'version', '2', 'a changed policy');
SELECT is((SELECT b.body::jsonb #> '{data,difference,places}' FROM capa.journal_body b JOIN capa.journal USING (seq) WHERE topic = 'config.loaded' ORDER BY seq DESC LIMIT 1),
  '[{"path":"/sod","from":"strict","to":"waivable"}]', 'its row says which place changed, before and after');
SELECT throws_ok($$SELECT api.load('colours', repeat('c', 64), '{}', 'anna')$$, 'CA003', 'There is no configuration of kind "colours".', 'an unknown kind');
SELECT throws_ok($$SELECT api.load('rules', repeat('c', 64), '{"x":1}', 'anna')$$, 'CA003', 'A configuration of kind "rules" has a member "rules"; this one has none.', 'a body without rules');
SELECT throws_ok($$SELECT api.load('rules', 'c', '{"rules":[]}', 'anna')$$, 'CA003', 'The hash of a configuration is 64 hexadecimal digits.', 'a hash that is none');
SELECT is((SELECT (SELECT 'backup-failed disk-full' = string_agg(id, ' ' ORDER BY no) FROM capa.rule WHERE ruleset = repeat('a', 64))), true, 'rules of each set are known by their place');
SELECT is(capa.rule_now('disk-full'), NULL, 'a rule of an older set is none of now');
SELECT is(capa.rule_now('new') ->> 'hash', 'n', 'one of the newest is');

-- reading
SELECT is(test.send('[{"id":"1"},{"id":"2","fp":"q"},{"id":"3"},{"id":"4","fp":"r","rule":1}]') @? '$[*] ? (@.status != "stored")', false, 'four events');
SELECT is(read('{}') -> 'next', read('{}') -> 'head', 'a full read ends at the head');
SELECT is((SELECT count(*) FROM capa.journal), (SELECT jsonb_array_length(read('{}') -> 'messages'))::bigint, 'and has every row');
SELECT is(jsonb_path_query_array(read('{"topics":["nc.raised"]}'), '$.messages[*].event.subject'), '["NC-1","NC-2","NC-3"]', 'a topic is chosen by its beginning');
SELECT is(read('{"topics":["nothing."]}') -> 'next', read('{}') -> 'head', 'next passes over what the filter leaves out');
SELECT is((read('{"limit":2}') ->> 'next')::int, 2, 'two rows at a time');
SELECT is((read('{"after":2,"limit":1}') #>> '{messages,0,sequence}')::int, 3, 'after the second comes the third');
SELECT is((SELECT m #>> '{event,sequence}' FROM jsonb_array_elements(read('{}') -> 'messages') m LIMIT 1), '1', 'the sequence is a decimal string');
SELECT is((SELECT count(*) FROM api.publish('p', 0, 1000)), (SELECT count(*) FROM capa.journal), 'a publisher gets the whole journal');
SELECT is((SELECT bool_and(p.body::jsonb ->> 'sequence' = p.seq::text AND p.body = b.body) FROM api.publish('p', 0, 1000) p JOIN capa.journal_body b USING (seq)), true, 'as the bytes that were hashed');
SELECT is(api.published('p', 5), 5::bigint, 'its place');
SELECT is(api.published('p', 3), 5::bigint, 'never goes back');
SELECT is((SELECT min(seq) FROM api.publish('p', NULL, 10)), 6::bigint, 'and is where it goes on');
SELECT throws_ok($$SELECT read('{"limit":0}')$$, 'CA003', NULL, 'a limit of nothing is refused');
SELECT throws_ok($$SELECT api.journal_read('{"roles":[]}', 'x', '{}', NULL)$$, 'CA004', NULL, 'who has no role reads nothing');

-- the export walks offline: hashes recomputed from the lines alone
CREATE TEMPORARY TABLE line AS SELECT l::jsonb AS l, row_number() OVER () AS i
  FROM json_array_elements_text(api.journal_export('{"roles":["auditor"]}', 'x', '{"limit":1000}', NULL) -> 'lines') l;
SELECT is((SELECT count(*) FROM line), (SELECT count(*) FROM capa.journal), 'the export has every row');
SELECT is((SELECT bool_and(l ->> 'row' = encode(sha256(convert_to(l ->> 'open', 'UTF8')), 'hex')) FROM line), true, 'row is the hash of the open line');
SELECT is((WITH RECURSIVE w AS (SELECT 0::bigint AS i, repeat('0', 64) AS hash UNION ALL
    SELECT line.i, encode(sha256(convert_to(w.hash || ' ' || (l ->> 'row') || E'\n', 'UTF8')), 'hex') FROM w JOIN line ON line.i = w.i + 1)
  SELECT count(*) FROM w JOIN line USING (i) WHERE w.hash <> l ->> 'hash'), 0::bigint, 'the chain is walked with row alone');
SELECT is((SELECT bool_and((l ->> 'open')::jsonb ->> 'digest' = encode(sha256(decode(l ->> 'salt', 'hex') || convert_to(l ->> 'body', 'UTF8')), 'hex')) FROM line), true, 'digest is the hash of salt and body');
SELECT is((SELECT jsonb_object_keys((l ->> 'open')::jsonb) FROM line LIMIT 1) IS NOT NULL, true, 'open is one line of JSON');
SELECT is((SELECT (l ->> 'open') ~ '^\{"seq":\d+,"at":"[0-9T:.-]+Z","actor":\d+,"kind":"[^"]+","ref":"[^"]*","digest":"[0-9a-f]{64}"\}$' FROM line ORDER BY i LIMIT 1), true, 'of the form that verification expects');
SELECT is((SELECT bool_and((l ->> 'open') !~ 'anna|test') FROM line), true, 'and names nobody');

-- a forged row is found
CREATE FUNCTION forged(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found_ text;
BEGIN
  BEGIN
    EXECUTE change;
    found_ := (SELECT string_agg(DISTINCT problem, '; ') FROM capa.journal_check());
    RAISE EXCEPTION USING ERRCODE = 'XX999';
  EXCEPTION WHEN SQLSTATE 'XX999' THEN RETURN found_;
  END;
END $$;
SELECT is((SELECT count(*) FROM capa.journal_check()), 0::bigint, 'the chain holds');
SELECT is(forged($$UPDATE capa.journal_body SET body = replace(body, 'minor', 'major') WHERE seq = (SELECT min(seq) FROM capa.journal WHERE topic = 'nc.raised')$$), 'its body is not what was hashed', 'a changed body');
SELECT matches(forged($$DELETE FROM capa.journal WHERE seq = 3$$), 'a gap: the row before is 2', 'a missing row');
SELECT matches(forged($$UPDATE capa.journal SET open = replace(open, '"load"', '"none"') WHERE seq = 1$$), 'its hash does not follow', 'a changed line');
SELECT is(forged($$UPDATE capa.journal_body SET body = NULL, salt = NULL WHERE seq = 2$$), 'its content is gone and no row says that it was redacted', 'a body that was taken away is missed');

-- rebuild finds what the journal does not say
SELECT is((SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'the register is what the journal says');
CREATE FUNCTION strayed(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found_ text;
BEGIN
  BEGIN
    EXECUTE change;
    found_ := (SELECT string_agg(tbl || ' ' || side, ', ' ORDER BY tbl, side DESC) FROM capa.rebuild_check());
    RAISE EXCEPTION USING ERRCODE = 'XX999';
  EXCEPTION WHEN SQLSTATE 'XX999' THEN RETURN found_;
  END;
END $$;
SELECT is(strayed($$UPDATE capa.nc SET grade = 'ofi' WHERE id = 1$$), 'nc register, nc journal', 'a changed row');
SELECT is(strayed($$DELETE FROM capa.evidence WHERE id = 1$$), 'evidence journal', 'a missing row');
SELECT is(strayed($$INSERT INTO capa.actor VALUES (99, 'nobody')$$), 'actor register', 'a row that no journal row made');
SELECT cmp_ok(capa.rebuild(), '>', 5::bigint, 'the register is made anew');
SELECT is((SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'and is the same');
SELECT is(test.one('5') #>> '{results,0,effect}', 'occurrence', 'and goes on');
SELECT throws_ok($$SELECT capa.put('nc', to_jsonb(n)) FROM capa.nc n WHERE id = 1; SELECT capa.append('x')$$, 'P0001', 'a change of the register was put but not told', 'a change that nobody tells is refused');

-- seals: the root recomputed by a recursion of its own
CREATE FUNCTION root(d bytea[]) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE k int := 1;
BEGIN
  IF cardinality(d) = 1 THEN RETURN sha256('\x00' || d[1]); END IF;
  WHILE 2 * k < cardinality(d) LOOP k := 2 * k; END LOOP;
  RETURN sha256('\x01' || root(d[:k]) || root(d[k + 1:]));
END $$;
SELECT is((SELECT bool_and((capa.merkle((SELECT array_agg(sha256(i::text::bytea) ORDER BY i) FROM generate_series(1, n) i), '{}')).root
  = root((SELECT array_agg(sha256(i::text::bytea) ORDER BY i) FROM generate_series(1, n) i))) FROM generate_series(1, 33) n), true, 'roots of trees of 1 to 33 leaves');
SELECT is((SELECT bool_and(capa.merkle_proves(d[i], (capa.merkle(d, ARRAY[i])).paths -> 0, root(d)))
  FROM (SELECT array_agg(sha256(i::text::bytea) ORDER BY i) AS d FROM generate_series(1, 13) i) t, generate_series(1, 13) i), true, 'each leaf of 13 is proved');
SELECT is((SELECT bool_or(capa.merkle_proves(sha256('x'), (capa.merkle(d, ARRAY[i])).paths -> 0, root(d)))
  FROM (SELECT array_agg(sha256(i::text::bytea) ORDER BY i) AS d FROM generate_series(1, 13) i) t, generate_series(1, 13) i), false, 'and nothing else');
SELECT is(sealed(), 1, 'the events so far are sealed');
SELECT is((SELECT row(first, last, n, root)::text FROM capa.seal), (SELECT row(min(eventno), max(eventno), count(*), encode(root(array_agg(digest ORDER BY eventno)), 'hex'))::text FROM capa.event), 'all of them, under their root');
SELECT is((SELECT b.body::jsonb #>> '{data,root}' FROM capa.journal JOIN capa.journal_body b USING (seq) WHERE topic = 'evidence.sealed'), (SELECT root FROM capa.seal), 'which the journal has');
SELECT is((SELECT bool_and(capa.merkle_proves(digest, path, decode(root, 'hex')) AND digest = sha256(salt || b.body)) FROM capa.event_proof p JOIN capa.seal s ON s.id = p.seal JOIN capa.evidence_body b USING (sha256)), true, 'what is evidence is proved on its own');
SELECT is((SELECT count(*) FROM capa.event_proof WHERE path IS NOT NULL)::int, 3, 'three of them');
SELECT is(test.one('6') #>> '{status}', 'stored', 'one more event');
SELECT is(sealed(), 0, 'waits for its minute');
SELECT clock_by('61 s');
SELECT is(sealed(), 1, 'and is sealed after it');
SELECT clock_by('61 s');
SELECT is(sealed(), 0, 'without new events there is no seal');
UPDATE capa.setting SET value = '2' WHERE name = 'seal_events';
SELECT is(test.send('[{"id":"7"},{"id":"8"},{"id":"9"},{"id":"10"},{"id":"11"}]') #>> '{0,status}', 'stored', 'more than one seal takes');
SELECT is(sealed(), 2, 'makes two at once, and the fifth waits');
SELECT clock_by('61 s');
SELECT is(sealed(), 1, 'for its minute');
SELECT is((SELECT sum(n) FROM capa.seal), (SELECT count(*)::numeric FROM capa.event), 'and misses none');
UPDATE capa.setting SET value = '65536' WHERE name = 'seal_events';

-- partitions, retention
SELECT is((SELECT count(*) FROM capa.event_default)::int, 11, 'before any tick all is in the default partition');
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT count(*) FROM capa.event_default)::int, 0, 'a tick makes partitions ahead and moves it there');
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM capa.partition_list('event')), 'event_202601 event_202602 event_202603 event_202604 event_default', 'this month and three ahead');
SELECT is(test.send('[{"id":"u","aside":"ignored"},{"id":"v","aside":"invalid","why":"x"}]') #>> '{0,status}', 'ignored', 'something kept aside');
SELECT clock_by('15 days');
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT row((SELECT count(*) FROM capa.ignored), (SELECT count(*) FROM capa.quarantine))::text), '(0,1)', 'ignored events go after 14 days, quarantine stays');
SELECT clock_by('16 days');
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT count(*) FROM capa.quarantine)::int, 0, 'until 30 days');
SELECT clock_by('62 days');
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT row((SELECT count(*) FROM capa.event), capa.summary(1) ->> 'occurrences')::text), '(0,9)', 'events go when their month is 90 days old, their count stays');
SELECT is((SELECT string_agg(role || ':' || eventno, ' ' ORDER BY id) FROM capa.evidence WHERE nc = 1), (SELECT 'raised:1 last:' || last FROM capa.seal ORDER BY id DESC LIMIT 1), 'the raising event and the last one stay as evidence');
SELECT is((SELECT bool_and(capa.merkle_proves(digest, path, decode(root, 'hex'))) FROM capa.event_proof p LEFT JOIN capa.seal s ON s.id = p.seal), true, 'each proved under its seal');
SELECT matches(api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', (SELECT max(eventno) FROM capa.evidence)), NULL)::text, '"event":\{"specversion"', 'and can be read');
SELECT is((SELECT b.body::jsonb #>> '{data,n}' FROM capa.journal JOIN capa.journal_body b USING (seq) WHERE topic = 'evidence.expired'), '11', 'what went is a journal row');
SELECT is((SELECT count(*) FROM capa.event_gone)::int, 11, 'with its digests kept');
SELECT is(test.one('1') ->> 'status', 'duplicate', 'identity outlives the event');
SELECT clock_by('400 days');
SELECT api.tick() IS NOT NULL;
SELECT is(test.one('1') ->> 'status', 'stored', 'for 400 days: an older repeat is a new event');

-- epochs
SELECT is(api.epoch(1, (SELECT encode(hash, 'hex') FROM capa.journal WHERE seq = 1), NULL) ->> 'known', 'true', 'a row that the journal has');
SELECT is(api.epoch(1, repeat('0', 64), NULL) #>> '{epoch}', '2', 'another row at that place: a new epoch');
SELECT is((SELECT b.body::jsonb #>> '{data,daemon,hash}' FROM capa.journal JOIN capa.journal_body b USING (seq) WHERE topic = 'sys.epoch'), repeat('0', 64), 'both heads are journalled');
SELECT cmp_ok(substr(test.one('e', '{"fp":"after the epoch"}') #>> '{results,0,nc}', 4)::int, '>', 10000, 'references jump by 10,000');
SELECT is(api.epoch(NULL, NULL, 'restored from a backup') #>> '{epoch}', '3', 'by hand with a reason');
SELECT is(api.epoch(NULL, NULL, NULL) #>> '{epoch}', '3', 'and asking changes nothing');
SELECT is((SELECT b.body::jsonb ->> 'epoch' FROM capa.journal_body b ORDER BY seq DESC LIMIT 1), '3', 'messages carry it');

-- rights: the service role executes api and reads nothing
SELECT is((SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
  AND (CASE c.relkind WHEN 'S' THEN has_sequence_privilege('capad', c.oid, 'SELECT, USAGE, UPDATE')
       ELSE has_table_privilege('capad', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') END))::int, 0, 'no table, view or sequence of capa is open to it');
SELECT is((SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'capa'::regnamespace AND has_function_privilege('capad', p.oid, 'EXECUTE'))::int, 0, 'nor a function');
SELECT is((SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND NOT has_function_privilege('capad', p.oid, 'EXECUTE'))::int, 0, 'every function of api is');
SELECT is((SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND NOT (p.prosecdef AND p.proconfig @> ARRAY['search_path=capa, api, pg_temp']))::int, 0, 'and runs as the owner with a fixed search path');
SET ROLE capad;
SELECT throws_ok('SELECT * FROM capa.nc', '42501', NULL, 'it reads no table');
SELECT throws_ok('SELECT capa.rebuild()', '42501', NULL, 'rebuilds nothing');
SELECT throws_ok($$UPDATE capa.clock SET shift = '1 day'$$, '42501', NULL, 'moves no clock');
SELECT throws_ok('CREATE TEMPORARY TABLE capa_entry ()', '42501', NULL, 'makes no table for the owner to step on');
SELECT lives_ok('SELECT api.tick()', 'but may tick');
SELECT is(test.one('service') ->> 'status', 'stored', 'and ingest');
RESET ROLE;
SELECT * FROM finish();
