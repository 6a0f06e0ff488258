-- The reading methods: list and its filters and pages, show with events as received, log, since, next, page, search, approvals, evidence.
\ir method.sql
SELECT plan(67);
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION refs(method text, who text, params jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(x ->> 'ref', ' ' ORDER BY o), '') FROM jsonb_array_elements(say(method, who, params)) WITH ORDINALITY AS e(x, o)
$$;

SELECT do_('raise', 'rita', '{"title":"Firewall 100% open","grade":"major","owner":"anna","controls":["A.8.20","A.5.1"],"statement":"any to any","asset":"fw1","labels":{"site":"berlin"}}');
SELECT do_('raise', 'rita', '{"title":"Old labels","grade":"observation","owner":"bob","controls":"A.5.13","statement":"seen"}');
SELECT do_('raise', 'rita', '{"title":"Something odd"}');
SELECT is(by_rule('{"asset":"db01"}'), 'NC-4', 'one by a rule');
SELECT do_('reject', 'ina', '{"nc":2,"reason":"a trifle"}');

-- list
SELECT is(refs('list', 'anna', '{}'), 'NC-1 NC-3 NC-4', 'open ones, next due first');
SELECT is(refs('list', 'anna', '{"all":true}'), 'NC-1 NC-3 NC-4 NC-2', 'all of them');
SELECT is(refs('list', 'anna', params), want, params::text) FROM (VALUES
  ('{"state":"rejected"}'::jsonb, 'NC-2'), ('{"state":["triaged","rejected"]}', 'NC-1 NC-4 NC-2'), ('{"grade":"major"}', 'NC-1'), ('{"owner":"me"}', 'NC-1 NC-4'),
  ('{"owner":"ANNA","grade":["minor"]}', 'NC-4'), ('{"control":"A.5.1"}', 'NC-1'), ('{"rule":"backup-failed"}', 'NC-4'), ('{"asset":"db01"}', 'NC-4'),
  ('{"label":"site=berlin"}', 'NC-1'), ('{"label":{"site":"berlin"}}', 'NC-1'), ('{"label":"site=b"}', ''), ('{"overdue":true}', ''), ('{"overdue":false,"limit":1}', 'NC-1'),
  ('{"after":"NC-1","limit":1}', 'NC-3'), ('{"after":"NC-3"}', 'NC-4'), ('{"all":true,"after":"NC-4"}', 'NC-2'), ('{"since":"1h"}', 'NC-1 NC-3 NC-4'), ('{"since":"2026-02-01"}', '')) AS v(params, want);
SELECT matches(refusal('list', 'anna', '{"state":"overdue"}'), '^CA003 There is no state "overdue"', 'a state that is none');
SELECT matches(refusal('list', 'anna', '{"grade":"blocker"}'), '^CA003 There is no grade "blocker"', 'a grade that is none');
SELECT is((SELECT count(*) FROM unnest(regexp_split_to_array('ref title grade state cycle rule fingerprint source asset owner controls occurrences first_seen
  last_seen raised_at closed_at overdue next_due recurrence_of missing', '\s+')) w WHERE NOT say('list', 'anna', '{}') -> 0 ? w), 0::bigint, 'list has all that the contract names');
SELECT is(say('list', 'anna', '{"register":true,"grade":"major"}') -> 0 -> 'register', '{"issue":"any to any","root_cause":null,"action":null,"owner":"anna","due":"2026-01-12T17:00:00.000000Z"}', 'register columns');
SELECT clock_to('2026-01-13 09:00Z');
SELECT is(refs('list', 'anna', '{"overdue":true}'), 'NC-1 NC-3', 'overdue ones, the longest first');
SELECT is(say('list', 'anna', '{"overdue":true}') -> 0 ->> 'overdue', 'true', 'and say so');
SELECT clock_to('2026-01-05 09:10Z');

-- show, with an event whose numbers no double can hold
INSERT INTO capa.evidence_body VALUES ('e1', '{"id": 9007199254740993, "n": 1.10, "z":1e5}');
SELECT is(by_rule('{"rule":"r2","evidence":[{"kind":"event","role":"raised","sha256":"e1","size":44,"eventno":1,"name":"x"}]}'), 'NC-5', 'raised by an event');
SELECT is((SELECT api.show('{"name":"a","roles":["auditor"]}', 'a', '{"ref":"NC-5"}')::json #>> '{evidence,0,event}'), '{"id": 9007199254740993, "n": 1.10, "z":1e5}', 'its bytes are shown as they came');
SELECT is((SELECT count(*) FROM unnest(regexp_split_to_array('statement corrections causes similar need_for_action actions criterion verdicts deadlines escalations evidence history
  missing ref title grade state cycle rule fingerprint source asset owner controls occurrences first_seen last_seen raised_at closed_at overdue next_due recurrence_of', '\s+')) w
  WHERE NOT say('show', 'anna', '{"ref":1}') ? w), 0::bigint, 'show has all that the contract names');
SELECT is(say('show', 'anna', '{"ref":1}') -> 'statement', '{"requirement":"A.8.20, A.5.1","found":"any to any","evidence":null}', 'the statement has three parts');
SELECT is(say('show', 'anna', '{"ref":1}') #>> '{missing,0,command}', 'capactl contain NC-1 TEXT --evidence FILE', 'and the next command');
SELECT do_('contain', 'anna', '{"nc":1,"text":"closed it","consequences":"none","evidence":[{"name":"fw.txt","frame":0},{"url":"https://example.org/fw"}]}', ARRAY['0123456789'::bytea]);
SELECT is(say('show', 'anna', '{"ref":"CA-1"}') ->> 'ref', 'NC-1', 'of an action its NC');

-- evidence
SELECT is((SELECT string_agg(e ->> 'ref' || ' ' || (e ->> 'kind') || ' ' || (e ->> 'name'), ', ') FROM jsonb_array_elements(say('evidence.list', 'anna', '{"ref":"CA-1"}')) e),
  (SELECT string_agg(format('EV-%s %s %s', id, kind, name), ', ' ORDER BY id) FROM capa.evidence WHERE nc = 1), 'evidence of an action');
SELECT is((SELECT convert_from(decode(say('evidence.get', 'anna', jsonb_build_object('id', 'EV-' || id)) ->> 'base64', 'base64'), 'UTF8') FROM capa.evidence WHERE name = 'fw.txt'), '0123456789', 'its bytes');
SELECT is((SELECT convert_from(decode(say('evidence.get', 'anna', jsonb_build_object('id', id, 'offset', 3, 'length', 4)) ->> 'base64', 'base64'), 'UTF8') FROM capa.evidence WHERE name = 'fw.txt'), '3456', 'in pages');
SELECT is((SELECT say('evidence.get', 'anna', jsonb_build_object('id', id)) ->> 'url' FROM capa.evidence WHERE kind = 'link'), 'https://example.org/fw', 'of a link the address');
SELECT matches(refusal('evidence.get', 'anna', '{"id":"EV-999"}'), '^CA002 There is no evidence', 'what is not there');
INSERT INTO capa.event (eventno, received, observed, nc, effect, outcome, source, type, digest, salt, body, parent, part_from, part_size)
  VALUES (7001, capa.now(), capa.now(), 4, 'p', 'evidence', 's', 'backup.finished', sha256(''), sha256(''), '[{"a":1},{"ä":2}]', NULL, NULL, NULL),
         (7002, capa.now(), capa.now(), 4, 'p', 'evidence', 's', 'backup.finished', sha256(''), sha256(''), NULL, 7001, 9, 8);
SELECT do_('evidence.add', 'anna', '{"ref":"NC-4","evidence":[{"event":7002}]}');
SELECT is((SELECT convert_from(b.body, 'UTF8') FROM capa.evidence e JOIN capa.evidence_body b USING (sha256) WHERE e.eventno = 7002), '{"ä":2}', 'an event''s part is kept as evidence');
SELECT matches(refusal('evidence.add', 'anna', '{"ref":"NC-4","evidence":[{"event":7999}]}'), '^CA002 There is no event 7999', 'one that is not there is not');
SELECT matches(refusal('evidence.add', 'anna', '{"ref":"NC-4","evidence":[{"name":"x","frame":0}]}'), '^CA003 The evidence "x" names attachment 0, which was not sent', 'nor what was not sent');

-- log, since, search
SELECT is(say('log', 'anna', '{"ref":"NC-1"}') -> 0 ->> 'topic', 'nc.raised', 'the log begins with the raising');
SELECT is((SELECT count(DISTINCT e ->> 'nc') FROM jsonb_array_elements(say('log', 'anna', '{"ref":"NC-1"}')) e), 1::bigint, 'and holds this NC only');
SELECT is(jsonb_array_length(say('log', 'anna', '{"ref":"NC-1","limit":1}')), 1, 'in pages');
SELECT is((say('log', 'anna', jsonb_build_object('ref', 'NC-1', 'limit', 1, 'after', say('log', 'anna', '{"ref":"NC-1"}') #> '{0,seq}')) #> '{0,seq}'), say('log', 'anna', '{"ref":"NC-1"}') #> '{1,seq}', 'by sequence');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('since', 'anna', '{"since":"1m"}')) e WHERE (e ->> 'at')::timestamptz < '2026-01-05 09:09Z'), 0::bigint, 'since a minute');
SELECT cmp_ok(jsonb_array_length(say('since', 'anna', '{}')), '>', 10, 'since yesterday');
SELECT is(refs('search', 'anna', '{"text":"100% OPEN"}'), 'NC-1', 'search takes % as it is');
SELECT is(say('search', 'anna', '{"text":"closed IT"}') #> '{0,found_in}', '["action"]', 'and finds actions');
SELECT is(refs('search', 'anna', '{"text":"a"}'), 'NC-5 NC-4 NC-1 NC-2', 'open ones first, newest first');

-- next, page, approvals
SELECT is((SELECT string_agg(e ->> 'ref', ' ') FROM jsonb_array_elements(say('next', 'anna', '{}')) e), 'NC-3 NC-4 NC-5 NC-1', 'own lines and triage, next due first');
SELECT is((SELECT string_agg(e ->> 'ref', ' ') FROM jsonb_array_elements(say('next', 'zoe', '{}', NULL, '{reporter}')) e), NULL, 'who has nothing to do');
SELECT is(say('next', 'anna', '{"nc":3}') #>> '{0,command}', 'capactl triage NC-3 --grade minor', 'an NC''s next step');
SELECT is(say('page', 'anna', '{}') -> 'counts', '{"open":4,"overdue":0,"mine":3,"approvals":0,"confirmations":0,"unacked":0}', 'what the page counts');
SELECT do_('regrade', 'anna', '{"nc":1,"to":"minor","reason":"not reachable"}');
SELECT is(say('approvals', 'anna', '{}'), '[]', 'the author may not');
SELECT is(say('approvals', 'anna', '{"all":true}') #> '{0,may}', 'false', 'but may look');
SELECT is((SELECT row(r ->> 'what', r ->> 'command', r ->> 'may')::text FROM jsonb_array_elements(say('approvals', 'pia', '{}')) r), '(regrade,"capactl approve NC-1",true)', 'another may');
SELECT is(say('page', 'pia', '{}') #>> '{lines,0,group}', 'triage', 'the due one comes first on the page');
SELECT is(say('page', 'pia', '{}') #>> '{counts,approvals}', '1', 'which counts approvals');
SELECT is(say('approvals', 'rob', '{}', NULL, '{reporter}'), '[]', 'who has not the role decides nothing');

-- nothing that reads writes: the daemon reads over a connection of its own, which may be to a standby
BEGIN READ ONLY;
SELECT is((SELECT string_agg(m || ' ' || answer, ', ') FROM (SELECT m, refusal(m, 'pia', p) AS answer FROM (VALUES ('list', '{"all":true}'::jsonb),
  ('show', '{"ref":1}'), ('log', '{"ref":1}'), ('next', '{}'), ('next', '{"nc":1}'), ('page', '{}'), ('search', '{"text":"a"}'), ('since', '{}'),
  ('approvals', '{}'), ('evidence.list', '{"ref":1}'), ('evidence.get', '{"id":"EV-1"}'), ('escalations', '{}'), ('due', '{}'), ('follow_up.list', '{}')) AS v(m, p)) x
  WHERE answer <> 'OK' AND answer NOT LIKE 'CA002%'), NULL, 'reading methods run in a read-only transaction');
COMMIT;
SELECT is((SELECT string_agg(name, ' ') FROM capa.method WHERE to_regproc('api.' || replace(name, '.', '_')) IS NULL), NULL, 'every method has its function');

-- METHODS.md says what capa.method says: names, needed parameters (bold) and all others, and roles
\set methods_md `cat sql/METHODS.md 2>/dev/null || cat ../../sql/METHODS.md 2>/dev/null || cat ../sql/METHODS.md 2>/dev/null`
CREATE TEMPORARY TABLE row_ AS
SELECT c[1] AS name, (c[2] || '') AS params, c[3] AS roles FROM regexp_matches(:'methods_md', '^\| `([a-z._]+)`[^|]*\|([^|]*)\|([^|]*)\|$', 'gn') AS c;
SELECT CASE WHEN :'methods_md' = '' THEN skip('METHODS.md is not found from this folder', 3) ELSE NULL END WHERE :'methods_md' = '';
SELECT is((SELECT string_agg(m.name, ' ') FROM capa.method m WHERE NOT EXISTS (SELECT FROM row_ r WHERE r.name = m.name)), NULL, 'every method stands in METHODS.md')
  WHERE :'methods_md' <> '';
SELECT is((SELECT string_agg(m.name || ':' || p, ' ') FROM capa.method m JOIN row_ r USING (name), unnest(array_remove(m.params, '')) p
           WHERE r.params !~ ('\m' || p || '\M')), NULL, 'with each parameter') WHERE :'methods_md' <> '';
SELECT is((SELECT string_agg(m.name || ':' || p, ' ') FROM capa.method m JOIN row_ r USING (name), unnest(array_remove(m.params, '')) p
           WHERE (p = ANY (m.needed)) <> (r.params ~ ('\*\*' || p || '\*\*'))), NULL, 'the needed ones marked') WHERE :'methods_md' <> '';

-- a team stands for its members, they do not stand for it
SELECT api.load('people', repeat('9', 64), '{"people":{},"teams":{"network":{"members":["Carl"]}}}', 't') IS NOT NULL;
SELECT do_('raise', 'rita', '{"title":"Of a team","grade":"minor","owner":"network"}');
SELECT do_('raise', 'rita', '{"title":"Of a member","grade":"minor","owner":"carl"}');
SELECT is((SELECT string_agg(o ->> 'title', ', ' ORDER BY o ->> 'ref') FROM jsonb_array_elements(say('list', 'carl', '{"owner":"me"}')) o), 'Of a team, Of a member', 'a member sees what is the team''s');
SELECT is((SELECT string_agg(o ->> 'title', ', ') FROM jsonb_array_elements(say('list', 'anna', '{"owner":"network"}')) o), 'Of a team', 'the team''s are not each member''s');
SELECT * FROM finish();
