-- rules.replay: the register itself once more, in the session's temporary schema, over the events of the past. Played by the same rules it comes to
-- the same nonconformities, counts, sequences, expectations, storms, silences and holds and all; other rules show what differs; nothing of it stays.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
CREATE TABLE sent (id text PRIMARY KEY, e jsonb NOT NULL);

-- A batch that says what did not come, as core would judge the event that a tick gives.
CREATE FUNCTION missed_batch(m jsonb, letter text, OUT meta jsonb, OUT bodies bytea) LANGUAGE plpgsql AS $$
DECLARE
  e jsonb := (m ->> 'event')::jsonb;
BEGIN
  SELECT b.meta, b.bodies INTO meta, bodies FROM test.batch(jsonb_build_array(jsonb_build_object('id', e ->> 'id', 'src', 'capad', 'type', e ->> 'type',
      'body', m ->> 'event', 'time', e ->> 'time', 'grade', coalesce(e #>> '{data,to}', 'minor'),
      'rule', (SELECT x.place - 1 FROM jsonb_array_elements(rules_of(letter) -> 'rules') WITH ORDINALITY x(r, place) WHERE r ->> 'id' = m ->> 'rule'))
    || CASE WHEN e #> '{data,to}' IS NULL THEN '{}'::jsonb ELSE '{"grows":true}' END), NULL, letter) b;
  meta := jsonb_set(meta, '{cases,0,fp}', e #> '{data,fingerprint}');
  bodies := substring(sha256(int4send(5) || 'capad'::bytea || int4send(octet_length(e ->> 'id')) || convert_to(e ->> 'id', 'UTF8')) FOR 16) || substring(bodies FROM 17);
END $$;
CREATE TABLE tried (letter text PRIMARY KEY, body jsonb NOT NULL);
CREATE FUNCTION rules_of(letter_ text) RETURNS jsonb LANGUAGE sql AS $$ SELECT body FROM tried WHERE letter = letter_ $$;

-- The live side: one batch of events now; time that passes with all its ticks.
CREATE FUNCTION now_come(VARIADIC events jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said jsonb;
BEGIN
  INSERT INTO sent SELECT e ->> 'id', e FROM unnest(events) e;
  said := test.send(to_jsonb(events));
  RETURN (SELECT string_agg(r #>> '{results,0,effect}', ' ' ORDER BY i) FROM jsonb_array_elements(said) WITH ORDINALITY x(r, i));
END $$;
CREATE FUNCTION ticked() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  t jsonb;
  m jsonb;
  b record;
BEGIN
  FOR i IN 1 .. 100 LOOP
    t := api.tick();
    FOR m IN SELECT jsonb_array_elements(t -> 'expectations') LOOP
      SELECT * INTO b FROM missed_batch(m, 'a');
      PERFORM api.ingest(b.meta, b.bodies);
    END LOOP;
    EXIT WHEN NOT (t ->> 'more')::boolean AND NOT t ? 'expectations';
  END LOOP;
  RETURN (t ->> 'next_ms')::bigint;
END $$;
CREATE FUNCTION time_goes(to_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_ms bigint;
BEGIN
  LOOP
    next_ms := ticked();
    EXIT WHEN next_ms IS NULL OR capa.now() + next_ms * interval '1 millisecond' >= to_;
    PERFORM clock_by(greatest(next_ms, 1) * interval '1 millisecond');
  END LOOP;
  PERFORM clock_to(to_);
  PERFORM ticked();
END $$;

-- The daemon's part: plays all pages, ticks when they are due, and takes everything back. Returns the answer with, beside it, the NCs.
CREATE FUNCTION played(params jsonb, letter text DEFAULT NULL, who text DEFAULT 'ina', roles jsonb DEFAULT '["isms_manager"]') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  principal jsonb := jsonb_build_object('name', who, 'roles', roles, 'act_for_others', false);
  b record;
  begun jsonb;
  page jsonb;
  frame jsonb;
  m jsonb;
  t jsonb;
  upto bigint;
  next_ bigint;
  result jsonb;
BEGIN
  BEGIN
    begun := api.rules_replay(principal, who, with_spans(params) || CASE WHEN letter IS NULL THEN '{}'
      ELSE jsonb_build_object('rules', jsonb_build_object('sha256', repeat(letter, 64), 'body', rules_of(letter))) END, NULL);
    next_ := begun ->> 'next';
    upto := begun ->> 'upto_us';
    LOOP
      page := api.replay_page(principal, who, page ->> 'next');
      FOR frame IN SELECT jsonb_array_elements(page -> 'events') UNION ALL SELECT jsonb_build_object('at', upto) WHERE page ->> 'next' IS NULL LOOP
        WHILE next_ <= (frame ->> 'at')::bigint LOOP
          t := api.replay_tick(next_);
          FOR m IN SELECT jsonb_array_elements(t -> 'expectations') LOOP
            SELECT * INTO b FROM missed_batch(m, coalesce(letter, 'a'));
            PERFORM api.replay_ingest(next_, b.meta, b.bodies, false);
          END LOOP;
          next_ := CASE WHEN t ? 'expectations' THEN next_ ELSE (t ->> 'next')::bigint END;
        END LOOP;
        CONTINUE WHEN NOT frame ? 'body';
        SELECT * INTO b FROM test.batch(jsonb_build_array((SELECT s.e FROM sent s WHERE s.id = (frame ->> 'body')::jsonb ->> 'id')), NULL, coalesce(letter, 'a'));
        next_ := api.replay_ingest((frame ->> 'at')::bigint, b.meta, b.bodies, false);
      END LOOP;
      EXIT WHEN page ->> 'next' IS NULL;
    END LOOP;
    result := api.replay_result(principal, who, '{}')::jsonb || jsonb_build_object('begun', begun, 'ncs', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.fp, x.cycle) FROM (
      SELECT encode(n.fingerprint, 'hex') AS fp, n.rule, n.grade, n.state, n.cycle, (pg_temp.nc_count(n.id)).fails, (pg_temp.nc_count(n.id)).passes FROM pg_temp.nc n) x));
    RAISE EXCEPTION USING ERRCODE = 'CA099';
  EXCEPTION WHEN SQLSTATE 'CA099' THEN
    NULL;
  END;
  RETURN result;
END $$;
CREATE FUNCTION live_ncs() RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(to_jsonb(x) ORDER BY x.fp, x.cycle) FROM (
    SELECT encode(n.fingerprint, 'hex') AS fp, n.rule, n.grade, n.state, n.cycle, (capa.nc_count(n.id)).fails, (capa.nc_count(n.id)).passes FROM capa.nc n) x
$$;
CREATE FUNCTION titles(list jsonb, VARIADIC keys text[]) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg((SELECT string_agg(x ->> k, ' ' ORDER BY o) FROM unnest(keys) WITH ORDINALITY AS u(k, o)), ', ' ORDER BY p) FROM jsonb_array_elements(list) WITH ORDINALITY AS l(x, p)
$$;

INSERT INTO tried VALUES ('a', '{"rules":[
  {"id":"disk","hash":"h0","title":"Disk","effect":"fail","fingerprint":["/x"],"owner":"ops","controls":["A.8.6"],"triaged":true,"policy":"default","growth":[{"occurrences":3,"within":{"d":7},"to":"major"}],"storm":{"n":4,"within":{"s":3600}}},
  {"id":"login","hash":"h1","title":"Logins","effect":"fail","owner":"ops","controls":["A.8.5"],"triaged":true,"policy":"default","growth":[],"count":{"n":3,"within":{"s":600},"by":false,"distinct":false,"clock":"event"}},
  {"id":"chain","hash":"h2","title":"Chain","effect":"fail","owner":"ops","controls":["A.8.5"],"triaged":true,"policy":"default","growth":[],"sequence":{"n":2,"ordered":true,"within":{"s":3600}}},
  {"id":"backup","hash":"h3","title":"No backup","effect":"missing","controls":["A.8.13"],"policy":"default","growth":[],
   "expect":{"kind":"every","every":{"s":86400},"grace":{"s":7200},"by":"/subject","subjects":[{"name":"db1","fp":"FP1"},{"name":"db2","fp":"FP2"}]}},
  {"id":"stays","hash":"h4","title":"Stays broken","effect":"fail","owner":"ops","controls":["A.8.14"],"triaged":true,"policy":"default","growth":[{"no_pass_for":{"s":172800},"to":"major"}]},
  {"id":"quick","hash":"h5","title":"Heals","effect":"fail","owner":"ops","controls":["A.8.14"],"triaged":true,"policy":"default","growth":[],
   "self_close":{"cause":"a known hiccup","category":"technology","reason":"it heals","by":"ina"}}]}');
UPDATE tried SET body = replace(replace(body::text, 'FP1', test.fp('backupdb1')), 'FP2', test.fp('backupdb2'))::jsonb;
SELECT matches(refusal('rules.replay', 'ina', '{}'), '^CA001 No rules were ever loaded', 'without rules there is nothing to replay');
SELECT clock_to('2040-03-02 09:00Z');
SELECT test.rules(rules_of('a'), 'a') ->> 'changed';
SELECT ticked();
SELECT is(now_come('{"id":"d1","fp":"d1"}', '{"id":"d2","fp":"d2"}'), 'raised raised', 'two disks');
SELECT time_goes('2040-03-02 10:30Z');
SELECT is(now_come('{"id":"d1b","fp":"d1"}'), 'occurrence', 'one again');
SELECT is(now_come('{"id":"l1","fp":"l","rule":1}', '{"id":"l2","fp":"l","rule":1}', '{"id":"l3","fp":"l","rule":1}', '{"id":"o1","fp":"other","rule":1}'), 'counted counted raised counted', 'three logins, and one of another');
SELECT is(now_come('{"id":"c1","fp":"c","rule":2,"step":1}'), 'counted', 'the first of a chain');
SELECT is(now_come('{"id":"b1","fp":"backupdb1","rule":3,"effect":"pass","subject":"db1"}'), 'none', 'a backup');
SELECT time_goes('2040-03-02 11:00Z');
SELECT is(now_come('{"id":"c2","fp":"c","rule":2,"step":2}'), 'raised', 'and its second');
SELECT is(now_come('{"id":"s1","fp":"s","rule":4}'), 'raised', 'what stays broken');
SELECT is(now_come('{"id":"q1","fp":"q","rule":5}'), 'raised', 'what heals');
SELECT is(now_come('{"id":"q2","fp":"q","rule":5,"effect":"pass"}'), 'evidence', 'heals');
SELECT is(state('NC-6'), 'closed', 'and is closed by a standing decision');
SELECT do_('silence.add', 'ina', '{"asset":"db01","rule":"disk","for":"2h","reason":"work"}');
SELECT do_('rules.hold', 'ina', '{"rule":"login","reason":"wrong"}');
SELECT is(now_come('{"id":"d9","fp":"d9"}', '{"id":"l9","fp":"l","rule":1}'), 'suppressed suppressed', 'a silence and a hold');
SELECT time_goes('2040-03-02 12:00Z');
SELECT do_('rules.release', 'ina', '{"rule":"login","reason":"right"}');
SELECT is(now_come('{"id":"l10","fp":"l","rule":1}'), 'occurrence', 'held no more');
SELECT time_goes('2040-03-02 14:00Z');
SELECT is((SELECT count(*) FROM capa.nc WHERE rule = 'disk')::int, 3, 'the silence has ended: what failed in it is raised');
SELECT is(now_come('{"id":"x1","fp":"x1"}', '{"id":"x2","fp":"x2"}', '{"id":"x3","fp":"x3"}', '{"id":"x4","fp":"x4"}', '{"id":"x5","fp":"x5"}', '{"id":"d1c","fp":"d1"}'),
  'raised raised raised raised occurrence occurrence', 'a storm');
SELECT is((SELECT grade FROM capa.nc WHERE id = 1), 'major', 'and the third of the first');
SELECT time_goes('2040-03-05 12:00Z');
SELECT is((SELECT string_agg(rule || ' ' || grade, ', ' ORDER BY id) FROM capa.nc WHERE rule IN ('backup', 'stays')), 'stays major, backup minor, backup minor', 'two backups did not come, and what stays broken is major');

-- the strongest one
SELECT (SELECT count(*) FROM capa.journal) AS rows, (SELECT count(*) FROM capa.event) AS events, (SELECT last_value FROM capa.nc_no) AS number,
  (SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM capa.expectation x) AS expected \gset
CREATE TABLE same AS SELECT played('{"since":"2040-03-02T08:00:00Z"}') AS r;
SELECT is((SELECT r -> 'ncs' FROM same), live_ncs(), 'its own history by its own rules is the register again: states, grades, occurrences');
SELECT is((SELECT concat_ws(' ', r ->> 'n_more', r ->> 'n_gone', r ->> 'n_known', r ->> 'n_regraded', r ->> 'n_same') FROM same),
  concat('0 0 0 0 ', (SELECT count(*) FROM capa.nc)), 'nothing more, nothing gone');
SELECT is((SELECT concat_ws(' ', r ->> 'counted', r ->> 'suppressed', r ->> 'closed') FROM same), '1 2 1', 'what waits for its count, was held back, was closed');
SELECT is((SELECT array[count(*), (SELECT count(*) FROM capa.event), (SELECT last_value FROM capa.nc_no)]::text FROM capa.journal), ARRAY[:rows, :events, :number]::text, 'nothing of it stays');
SELECT is((SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM capa.expectation x), :'expected', 'nor what is expected');
SELECT is((SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname IN ('nc', 'event', 'replay', 'told')), NULL, 'no table either');

-- other rules: a higher threshold, a grade that grows sooner and further, nobody listed any more, no storm
CREATE TABLE other (name text PRIMARY KEY, r jsonb NOT NULL);
INSERT INTO tried SELECT 'b', jsonb_set(jsonb_set(jsonb_set(jsonb_set(rules_of('a'), '{rules,1,count,n}', '5'), '{rules,0,growth,0}', '{"occurrences":2,"within":{"d":7},"to":"critical"}'),
  '{rules,3,expect,subjects}', '[]'), '{rules,0,storm,n}', '0');
INSERT INTO other VALUES ('b', played('{"since":"2040-03-02T08:00:00Z"}', 'b'));
INSERT INTO other VALUES ('free', played('{"since":"2040-03-02T08:00:00Z","holds":false}')), ('later', played('{"since":"2040-03-02T13:00:00Z"}'));
SELECT is((SELECT titles(r -> 'gone', 'rule', 'what', 'live_grade') FROM other WHERE name = 'b'), 'login raised minor, disk raised minor, backup raised minor, backup raised minor',
  'a higher threshold, no storm, nobody listed: these would not be');
SELECT is((SELECT titles(r -> 'more', 'rule', 'storm', 'live_state') FROM other WHERE name = 'b'), 'disk true triaged, disk true triaged', 'what the storm took would be two of their own');
SELECT is((SELECT titles(r -> 'regraded', 'ref', 'live_grade', 'grade', 'occurrences') FROM other WHERE name = 'b'), 'NC-1 major critical 3', 'a grade that grows sooner and further');
SELECT is((SELECT titles(r -> 'rules', 'rule', 'more', 'gone', 'regraded', 'counted', 'suppressed') FROM other WHERE name = 'b'),
  'backup 0 2 0 0 0, chain 0 0 0 0 0, disk 2 1 1 0 1, login 0 1 0 5 1, quick 0 0 0 0 0, stays 0 0 0 0 0', 'and so by rule; the logins wait for their count');
SELECT is((SELECT concat_ws(' ', r ->> 'suppressed', r ->> 'n_more') FROM other WHERE name = 'free'), '1 0', 'as if nothing had been held');

-- from a later moment: what was there before is known, windows are filled by then
SELECT is((SELECT concat_ws(' ', r ->> 'n_same', r ->> 'n_known', r ->> 'n_more', r ->> 'n_gone') FROM other WHERE name = 'later'), '7 2 0 0', 'from the afternoon: the first disk, what stays broken, and seven new ones');
SELECT is((SELECT (r #>> '{begun,from}')::timestamptz FROM other WHERE name = 'later'), (SELECT min(at) FROM capa.loaded WHERE kind = 'rules'), 'it begins with the first rules, not before');
SELECT is((SELECT capa.replay_lead(rules_of('a'))), '7 days'::interval, 'its longest window');
SELECT is((SELECT capa.replay_lead('{"rules":[{"id":"x","count":{"within":{"s":7200}}},{"id":"y","expect":{"kind":"every","every":{"s":86400},"grace":{"s":3600}}}]}')), '25 hours'::interval, 'or expectation, with its grace');
SELECT is((SELECT capa.replay_lead('{"rules":[{"id":"x","growth":[{"no_pass_for":{"d":30},"to":"major"}]}]}')), '7 days'::interval, 'but no more than a week');
SELECT is((SELECT capa.replay_lead('{"rules":[]}')), '10 minutes'::interval, 'and that of a storm at least');

-- what a load would refuse is said, and the replay goes on
INSERT INTO tried SELECT 'f', jsonb_set(jsonb_build_object('rules', jsonb_agg(r - '{count,sequence,expect}'::text[] || '{"growth":[]}' ORDER BY i)), '{rules,0,fingerprint}', '["/y"]')
FROM jsonb_array_elements(rules_of('a') -> 'rules') WITH ORDINALITY AS x(r, i);
SELECT is((SELECT left(r #>> '{begun,warnings,0}', 90) FROM played('{"since":"2040-03-02T11:30:00Z"}', 'f') r),
  'The fingerprint of rule "disk" changed while 2 of its nonconformities are open (NC-1, NC-2', 'a fingerprint that changed while something is open');
-- nobody is told of what he may not read
UPDATE capa.nc SET restricted = true WHERE id = 1;
SELECT is((SELECT count(*) FROM played('{"since":"2040-03-02T08:00:00Z"}', NULL, 'adam', '["admin"]') r, jsonb_path_query(r, '$.*[*] ? (@.ref == "NC-1")'))::int, 0, 'nothing of a restricted one');
SELECT is((SELECT count(*) FROM same, jsonb_path_query(r, '$.same[*] ? (@.ref == "NC-1")'))::int, 1, 'while who may is told');
UPDATE capa.nc SET restricted = NULL WHERE id = 1;

-- refusals
SELECT matches(refusal('rules.replay', 'ina', '{"since":"2050-01-01T00:00:00Z"}'), '^CA003 .* is still to come', 'the future');
SELECT matches(refusal('rules.replay', 'rita', '{}', NULL, '{reporter}'), '^CA004 ', 'a role is needed');
SELECT matches(refusal('rules.replay', 'ina', '{"after":"x"}'), '^CA003 rules.replay has no parameter "after"', 'its parameters are checked');
SELECT matches((SELECT string_agg(api.rules_replay('{"name":"ina","roles":["isms_manager"]}', 'ina', '{"spans":{}}', NULL)::text, '') FROM generate_series(1, 1)), '"warnings"', 'a session holds one');
SELECT matches(refusal('rules.replay', 'ina', '{}'), '^CA005 This session holds a replay already', 'and no second one');

-- pages are bounded in bytes, and nothing is lost between them
INSERT INTO capa.ignored (received, source, type, body)
SELECT r.upto - n * interval '1 second', 'big', 'big', convert_to(format('{"n":%s,"x":"%s"}', n, repeat('x', CASE n WHEN 2 THEN 10 ELSE 5000000 END)), 'UTF8') FROM pg_temp.replay r, generate_series(1, 4) n;
CREATE FUNCTION pages() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  page jsonb;
  list text := '';
BEGIN
  LOOP
    page := api.replay_page('{"name":"ina","roles":["isms_manager"]}', 'ina', page ->> 'next');
    list := concat_ws(' | ', nullif(list, ''), (SELECT string_agg((e ->> 'body')::jsonb ->> 'n', ' ') FROM jsonb_array_elements(page -> 'events') e));
    EXIT WHEN page ->> 'next' IS NULL;
  END LOOP;
  RETURN list;
END $$;
SELECT is(pages(), '4 | 3 2 | 1', 'no page of ignored messages is much longer than 8 MiB');
SELECT * FROM finish();
