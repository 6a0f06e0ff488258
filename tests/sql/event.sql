-- Events: identity, batches, what is kept beside the register, fan-out, careful form (SEMANTICS sections 1 and 2).
\ir lib/send.psql
SELECT plan(59);
SELECT is(test.rules() ->> 'version', '1', 'rules are loaded');
SELECT is(test.rules() ->> 'changed', 'false', 'loading the same rules again is no change');

-- identity
SELECT is(test.one('1') #>> '{status}', 'stored', 'a new event is stored');
SELECT is(test.one('1'), '{"status":"duplicate","results":[{"effect":"raised","nc":"NC-1"}]}', 'the same bytes again are a duplicate, with the results of the first time');
SELECT is(test.one('1', '{"body":"{}"}') #>> '{status}', 'conflict', 'other bytes under the same id are a conflict');
SELECT matches(test.one('1', '{"body":"{}"}') #>> '{error}', '^event \d+ has the same source and id but other bytes$', 'a conflict names the event');
SELECT is(test.send('[{"id":"a"},{"id":"a"}]') #>> '{1,status}', 'duplicate', '[a,a] is stored, duplicate');
SELECT is(test.send('[{"id":"b"},{"id":"b","body":"[1]"}]') #>> '{0,status}', 'stored', '[a,b] of one id: the first is stored');
SELECT is((SELECT count(*) FROM capa.event_key)::int, 3, 'one key for each event stored');
SELECT is(test.send('[{"id":"c"},{"id":"c","body":"[1]"}]') #>> '{1,status}', 'conflict', '[a,b] of one id: the second is a conflict');
SELECT is((SELECT count(*) FROM capa.quarantine WHERE status = 'conflict')::int, 4, 'conflicts are kept in quarantine');

-- what is told apart and kept aside
SELECT is(test.send('[{"id":"u","aside":"ignored","src":"/x","type":"odd"},{"id":"v","aside":"invalid","why":"no type"},{"id":"w","aside":"forbidden","why":"not yours"},{"id":"x"}]'),
  '[{"status":"ignored","results":[]},{"status":"invalid","results":[],"error":"no type"},{"status":"forbidden","results":[],"error":"not yours"},
    {"status":"stored","results":[{"effect":"occurrence","nc":"NC-1"}]}]', 'each event of a mixed batch gets its own verdict');
SELECT is((SELECT convert_from(body, 'UTF8')::jsonb ->> 'id' FROM capa.ignored), 'u', 'an ignored event is kept with its bytes');
SELECT is((SELECT string_agg(reason, ',' ORDER BY reason) FROM capa.quarantine WHERE status <> 'conflict'), 'no type,not yours', 'what is refused is kept with the reason');
SELECT is((api.status('{"roles":["auditor"]}', 'x', '{}', NULL)::jsonb -> 'ingest') - '{cut,too_big}'::text[],
  '{"stored":5,"duplicate":2,"conflict":4,"ignored":1,"invalid":1,"forbidden":1}', 'status counts what became of the events, rolled up or not');
SELECT lives_ok('SELECT capa.rollup()', 'counts are rolled up');
SELECT is((capa.nc_count(1)).fails::int, 5, 'occurrences are the same after the roll-up');
SELECT is(test.one('y') #>> '{results,0,effect}', 'occurrence', 'one more');
SELECT is(capa.summary(1) ->> 'occurrences', '6', 'and events not rolled up yet are counted');
SELECT is(api.coverage('{"roles":["auditor"]}', 'x', '{}', NULL)::jsonb #>> '{0,type}', 'odd', 'coverage names the type that no rule knows');

-- bytes and digests
SELECT is((SELECT body FROM capa.event ORDER BY eventno LIMIT 1), '{"specversion":"1.0","id":"1","source":"/t","type":"backup.finished"}', 'the bytes are stored as they came');
SELECT ok((SELECT bool_and(digest = sha256(salt || convert_to(body, 'UTF8'))) FROM capa.event), 'digests are of salt and bytes');
SELECT is(test.one('big', '{"body":"{\"n\":9007199254740993}"}') #>> '{status}', 'stored', 'an integer above 2^53');
SELECT matches(api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', (SELECT max(eventno) FROM capa.event)), NULL)::text,
  '"event":\{"n":9007199254740993\}', 'comes back with its digits');
SELECT throws_ok($$SELECT api.event('{"roles":["auditor"]}', 'x', '{"eventno":99999999}', NULL)$$, 'CA002', NULL, 'an unknown event is not found');

-- observed time
SELECT is(test.one('t1', '{"time":"2001-01-01T00:00:00Z"}') ->> 'status', 'stored', 'a time years back');
SELECT ok((SELECT observed = received FROM capa.event ORDER BY eventno DESC LIMIT 1), 'is not believed');
SELECT is(test.one('t2', jsonb_build_object('time', now() + interval '1 hour')) ->> 'status', 'stored', 'a time ahead');
SELECT ok((SELECT observed = received FROM capa.event ORDER BY eventno DESC LIMIT 1), 'is not believed');
SELECT is(test.one('t3', jsonb_build_object('time', now() - interval '1 hour')) ->> 'status', 'stored', 'a time an hour back');
SELECT ok((SELECT received - observed BETWEEN '59 min' AND '61 min' FROM capa.event ORDER BY eventno DESC LIMIT 1), 'is the observed time');

-- several rules, fan-out
SELECT is(test.send('[{"id":"m1","fp":"p","more":[{"fp":"q","rule":1,"grade":"major"}]}]') #> '{0,results}',
  '[{"effect":"raised","nc":"NC-2"},{"effect":"raised","nc":"NC-3"}]', 'each rule that matches has its own NC');
SELECT is((SELECT array_agg(nc ORDER BY nc) FROM capa.nc_event WHERE eventno = (SELECT max(eventno) FROM capa.event)), '{2,3}', 'the event belongs to both');
SELECT is(test.send('[{"id":"m2","fp":"p","more":[{"fp":"q","rule":1,"grade":"major"}]},{"id":"m3","fp":"q","rule":1,"grade":"major"},{"id":"m4","fp":"none","effect":"pass","more":[{"fp":"q","rule":1,"grade":"major"},{"fp":"p"}]}]') #> '{2,results}',
  '[{"effect":"none"},{"effect":"occurrence","nc":"NC-3"},{"effect":"occurrence","nc":"NC-2"}]', 'also where nothing changes, each case in its place');
SELECT is((SELECT row(nc, effect, outcome)::text FROM capa.event ORDER BY eventno DESC LIMIT 1), '(3,f,occurrence)', 'the first with an NC is the event''s own');
SELECT is((SELECT array_agg(row(nc, count)::text ORDER BY nc) FROM (SELECT nc, count(*) FROM capa.nc_event WHERE nc IN (2, 3) GROUP BY nc) x), '{"(2,3)","(3,4)"}', 'and no NC has an event twice');
SELECT is(test.send('[{"id":"f1","adapter":"am","frame":0,"body":"{\"a\":1}"},{"id":"f2","adapter":"am","frame":0,"body":"{\"b\":2}"},{"id":"f3"}]',
  ARRAY['{"alerts":[{"a":1},{"b":2}]}']) #>> '{1,status}', 'stored', 'parts of a frame');
SELECT is((SELECT array_agg(body ORDER BY eventno) FROM capa.event WHERE parent IS NOT NULL), '{"{\"alerts\":[{\"a\":1},{\"b\":2}]}",NULL}', 'only the first part stores the frame');
SELECT is((SELECT array_agg(convert_from(capa.event_bytes(eventno), 'UTF8') ORDER BY eventno) FROM capa.event WHERE parent IS NOT NULL),
  '{"{\"a\":1}","{\"b\":2}"}', 'each part has its own bytes');

-- what an adapter took out
SELECT is(test.send('[{"id":"r0"},{"id":"r1","fp":"red","adapter":"am","redacted":["/a","/b#--token=[^ ]+"]},{"id":"r2","aside":"ignored","adapter":"am","redacted":["/c"]},
  {"id":"r3","aside":"invalid","why":"no host","adapter":"am","redacted":["/d"]}]') #>> '{1,results,0,effect}', 'raised', 'an event of which something was taken out');
SELECT is((SELECT array_agg(redacted ORDER BY eventno) FROM (SELECT * FROM capa.event ORDER BY eventno DESC LIMIT 2) e),
  '{NULL,"[\"/a\", \"/b#--token=[^ ]+\"]"}', 'is stored with what was, its neighbour with nothing');
SELECT is((SELECT redacted FROM capa.ignored ORDER BY received DESC LIMIT 1), '["/c"]', 'so is one that no rule matches');
SELECT is((SELECT redacted FROM capa.quarantine WHERE reason = 'no host'), '["/d"]', 'and one that is refused');
SELECT is(api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', (SELECT max(eventno) FROM capa.event)), NULL)::jsonb -> 'redacted',
  '["/a","/b#--token=[^ ]+"]', 'the event says it');
SELECT is(api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', (SELECT max(eventno) - 1 FROM capa.event)), NULL)::jsonb ? 'redacted',
  false, 'another says nothing of it');
CREATE TEMPORARY TABLE red AS SELECT nc, eventno FROM capa.event ORDER BY eventno DESC LIMIT 1;
SELECT is(api.show('{"roles":["auditor"]}', 'x', jsonb_build_object('ref', 'NC-' || (SELECT nc FROM red)), NULL)::jsonb #> '{evidence,0,redacted}',
  '["/a","/b#--token=[^ ]+"]', 'the evidence says it');
SELECT is(jsonb_path_exists(api.show('{"roles":["auditor"]}', 'x', '{"ref":"NC-1"}', NULL)::jsonb, '$.evidence[*].redacted'), false, 'evidence of others says nothing');
SELECT is(test.send_careful('[{"id":"r4","adapter":"am","redacted":["/e"]},{"id":"r5","hex":"ff","adapter":"am","redacted":["/f"]}]') #>> '{0,status}', 'stored', 'by the careful form too');
SELECT is((SELECT redacted FROM capa.event ORDER BY eventno DESC LIMIT 1) || (SELECT redacted FROM capa.quarantine ORDER BY received DESC LIMIT 1), '["/e"]["/f"]',
  'it is kept');
BEGIN;
DELETE FROM capa.event WHERE eventno = (SELECT eventno FROM red);
SELECT is(api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', (SELECT eventno FROM red)), NULL)::jsonb -> 'redacted',
  '["/a","/b#--token=[^ ]+"]', 'and evidence outlives its event with it');
ROLLBACK;

-- events that came in a text of their message: their bytes are their piece of the text, escaped as it was
BEGIN;
SELECT is(test.send(jsonb_build_array(jsonb_build_object('id', 'text1', 'fp', 'text1', 'adapter', 'am', 'frame', 0, 'body', $${\"n\":9007199254740993,\"t\":\"\\u00e9\"}$$),
                                      jsonb_build_object('id', 'text2', 'fp', 'text2', 'adapter', 'am', 'frame', 0, 'body', $$\"x\"$$)),
  ARRAY[$${"Message":"{\"alerts\":[{\"n\":9007199254740993,\"t\":\"\\u00e9\"},\"x\"]}"}$$]) #>> '{0,results,0,effect}', 'raised', 'an event in a text of its message');
CREATE TEMPORARY TABLE in_text AS SELECT max(eventno) - 1 AS eventno FROM capa.event;
SELECT is(convert_from(capa.event_bytes(eventno), 'UTF8'), $${\"n\":9007199254740993,\"t\":\"\\u00e9\"}$$, 'its bytes are as they came') FROM in_text;
SELECT is((SELECT row(x -> 'event' ->> 'n', y ->> 'event')::text FROM in_text t, LATERAL api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', t.eventno), NULL) x,
           LATERAL api.event('{"roles":["auditor"]}', 'x', jsonb_build_object('eventno', t.eventno + 1), NULL) y), '(9007199254740993,x)', 'it is read without the escapes');
SELECT is((SELECT capa.evidence_json(n.id, NULL, true)::json #>> '{0,event,t}' FROM capa.nc n WHERE n.fingerprint = decode(test.fp('text1'), 'hex')), 'é', 'as evidence, too');
ROLLBACK;

-- careful
SELECT is(test.send_careful('[{"id":"g1"},{"id":"g2","hex":"ff"},{"id":"g3"},{"id":"1"},{"id":"g4","adapter":"am","frame":0,"body":"{\"a\":1}"},{"id":"g5","adapter":"am","frame":0,"body":"{\"b\":2}"}]',
  ARRAY['{"alerts":[{"a":1},{"b":2}]}']) @? '$[1] ? (@.status == "invalid" && @.error starts with "the database refused it")', true, 'one bad event gets invalid, by the careful form');
SELECT is((SELECT count(*) FROM capa.event WHERE parent IS NOT NULL AND body IS NULL)::int, 2, 'and its fan-out shares a frame too');
SELECT is(test.send('[{"id":"g1"},{"id":"g3"}]') @? '$[*] ? (@.status != "duplicate")', false, 'its neighbours were stored');
SELECT throws_ok($$SELECT test.send('[{"id":"z1"},{"id":"z2","hex":"ff"}]')$$, '22021', NULL, 'the plain form fails whole');
SELECT is(test.one('z1') ->> 'status', 'stored', 'and leaves nothing behind');
SELECT * FROM finish();
