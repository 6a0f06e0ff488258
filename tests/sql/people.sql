-- People (PRODUCT, "People"): the file as loaded, names, who is told, leavers, handover; each rule from both sides.
\ir method.sql
SELECT plan(147);
SELECT clock_to('2031-01-05 09:00Z');

CREATE FUNCTION load_people(more jsonb DEFAULT '{}', letter text DEFAULT 'a') RETURNS jsonb LANGUAGE sql AS $$
  SELECT api.load('people', repeat(letter, 64), '{
    "people": {
      "anna":  {"name": "Anna Smith", "manager": "carla", "deputy": "ben", "absent": [{"from": "2031-02-02", "to": "2031-02-06"}], "also": ["a.smith"]},
      "ben":   {"manager": "carla"},
      "carla": {"manager": "tom"},
      "tom":   {"roles": ["top_management", "reporter"]},
      "luc":   {"manager": "max", "left": "2031-03-31"},
      "max":   {"manager": "carla", "left": "2030-12-31"},
      "zoé":   {}},
    "teams": {"backup-team": {"lead": "anna", "members": ["ben"]}, "night-team": {"members": ["ben", "zoé"]}, "empty-team": {}},
    "roles": {"isms_manager": ["carla"], "approver": ["ben", "carla"], "risk_owner": []}}'::jsonb || more, 'tests')
$$;
CREATE FUNCTION told(owner_ text, roles text[], more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(format('%s=%s%s', r ->> 'role', coalesce(r ->> 'name', '-'), coalesce('/' || (r ->> 'for'), '')), ' ' ORDER BY place), '')
  FROM jsonb_array_elements(capa.recipients((SELECT jsonb_populate_record(d, jsonb_build_object('kind', 'plan', 'nc', n.id) || more)
         FROM (SELECT id FROM capa.nc WHERE owner = owner_ ORDER BY id LIMIT 1) n, (SELECT NULL::capa.deadline) x(d)), roles)) WITH ORDINALITY AS t(r, place)
$$;
CREATE FUNCTION owned(who text) RETURNS text LANGUAGE sql AS $$
  SELECT say('raise', 'rita', jsonb_build_object('title', 't', 'grade', 'minor', 'owner', who, 'controls', 'A.8.13')) ->> 'ref'
$$;

-- without a file
SELECT is(capa.people(), NULL, 'no file: no people');
SELECT is(api.load('people', repeat('0', 64), '{"people":{}}', 'tests'), '{"kind":"people","version":0,"changed":false}', 'a file of nobody, where there was none, makes no row');
SELECT is(say('raise', 'rita', '{"title":"t","owner":"Whoever","controls":"A.8.13"}') -> 'warnings', NULL, 'any name is taken');
SELECT is((SELECT owner FROM capa.nc WHERE id = 1), 'Whoever', 'as it was given');
SELECT is(capa.people_status(), '{"loaded":false,"left":[],"absent":[],"unreachable":[{"name":"Whoever","open":1}]}', 'and nobody can be reached');
SELECT is(told('Whoever', '{owner,manager,isms_manager}'), 'owner=Whoever manager=- isms_manager=-', 'roles stand without a name');
SELECT is(refusal('people', 'rita', '{"name":"anna"}'), 'CA002 anna is not in people.json and owns nothing.', 'a name that nothing is known of');

-- the file
SELECT is(load_people() ->> 'changed', 'true', 'a file is loaded');
SELECT is(load_people() ->> 'changed', 'false', 'once');
CREATE FUNCTION flaw(body jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.load('people', repeat('c', 64), body, 'tests');
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT is(flaw('{"people":{"Anna":{},"anna":{}}}'), 'CA003 The people file cannot be used: person "Anna" and person "anna" are one name.', 'case makes no other person');
SELECT matches(flaw(jsonb_build_object('people', jsonb_build_object('anna', '{}'::jsonb, U&'an\FF4Ea', '{}'::jsonb))), '^CA003 .* are one name', 'nor do other letters of the same name');
SELECT matches(flaw('{"people":{"anna":{"also":["ben"]},"ben":{}}}'), '^CA003 .*"ben", also of person "anna" and person "ben" are one name', 'nor "also"');
SELECT matches(flaw('{"people":{"anna":{}},"teams":{"Anna ":{}}}'), '^CA003 .*person "anna" and team "Anna " are one name', 'a team is no person');
SELECT matches(flaw('{"people":{"approver":{}},"roles":{"approver":[]}}'), '^CA003 .*are one name', 'nor is a role');
SELECT matches(flaw(jsonb_build_object('people', jsonb_build_object(U&'an\200Bna', '{}'::jsonb))), '^CA003 .*characters that are not seen', 'a name hides nothing');
SELECT is((SELECT max(version) FROM capa.loaded WHERE kind = 'people'), 1, 'what is refused changes nothing');
SELECT is((SELECT e.data FROM (SELECT b.body::jsonb -> 'data' AS data FROM capa.journal_body b JOIN capa.journal j USING (seq)
             WHERE j.topic = 'config.loaded' AND b.body::jsonb #>> '{data,kind}' = 'people') e) #>> '{difference,places,0,to,anna,manager}', 'carla', 'the journal has the difference');

-- one transaction with policy and rules
CREATE FUNCTION set_of(people jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_array(
    jsonb_build_object('kind', 'policy', 'sha256', repeat('1', 64), 'body', (SELECT body FROM capa.loaded WHERE kind = 'policy' ORDER BY version DESC LIMIT 1)),
    jsonb_build_object('kind', 'people', 'sha256', repeat('2', 64), 'body', people),
    jsonb_build_object('kind', 'rules', 'sha256', repeat('3', 64), 'body', '{"rules":[]}'::jsonb))
$$;
SELECT throws_ok($$SELECT api.load_set(set_of('{"people":{"a":{},"A":{}}}'), 'tests')$$, 'CA003');
SELECT is((SELECT count(*) FROM capa.loaded WHERE sha256 = repeat('1', 64)), 0::bigint, 'a flaw in the people takes the policy back too');
SELECT is(api.load_set(set_of((SELECT body - 'index' FROM capa.loaded WHERE kind = 'people')), 'tests') #> '{1}',
          '{"kind":"people","version":2,"changed":true}', 'all are taken at once');

-- names
SELECT is(ARRAY[capa.name_of(' ANNA'), capa.name_of('A.Smith'), capa.name_of('Backup-Team'), capa.name_of('Zoe')], '{anna,anna,backup-team,Zoe}', 'names are written as in the file');
SELECT is(ARRAY[capa.person_of(U&'ZO\00C9'), capa.person_of('zoe'), capa.person_of('backup-team')], ARRAY['zoé', NULL, NULL], 'a person is found in any spelling, and nobody else');
SELECT is(ARRAY[capa.person_of('anna  SMITH'), capa.people_index('{"people":{"a":{"name":"B"},"b":{}}}') #>> '{person,b}'], ARRAY['anna', 'b'], 'and by the full name, unless it is another''s own');
SELECT is(capa.people_index('{"people":{"a1":{"name":"Ann Berg"},"a2":{"name":"ann berg"},"a3":{"name":"Ops"}},"teams":{"ops":{}}}') -> 'person', '{"a1":"a1","a2":"a2","a3":"a3"}', 'or means two, or a team');
SELECT is(ARRAY[capa.same_person('anna', 'Anna Smith'), capa.same_person('ben', 'Anna Smith')], ARRAY[true, false], 'who asks under the full name does not approve under the short one');
SELECT matches(refusal('raise', 'gate', '{"title":"t","actor":"System"}'), '^CA003 "System" is nobody to act for', 'nobody acts as what capad does by itself');
SELECT matches(refusal('raise', 'gate', '{"title":"t","actor":"me"}'), '^CA003 "me" is nobody to act for', 'nor as whoever calls');
SELECT matches(refusal('raise', 'gate', '{"title":"t","owner":"system"}'), '^CA003 "owner" cannot be "system"', 'nor gives it something to own');
SELECT matches(refusal('raise', 'gate', '{"title":"t","aware_at":"2026-01-01T00:00:00+99:00"}'), '^CA003 "aware_at" names no day', 'a zone that is none is no moment');
SELECT is(ARRAY[capa.people_of('backup-team')::text, capa.people_of('A.SMITH')::text, capa.people_of('approver')::text, capa.people_of('empty-team')::text, capa.people_of('x')::text],
          '{"{anna,ben}","{anna}","{ben,carla}","{}","{x}"}', 'teams and roles are expanded to people');
SELECT is(capa.names_of('Ben'), '{approver,backup-team,ben,night-team}', 'whose things are mine');
SELECT is(ARRAY[capa.roles_of('anna')::text, capa.roles_of('ben')::text, capa.roles_of('tom')::text, capa.roles_of('rita')::text],
          ARRAY['{owner,reporter}', '{approver,owner,reporter}', '{reporter,top_management}', NULL], 'the roles of a person');

-- separation: teams are expanded on both sides
SELECT is(capa.same_person(a, b), want, format('%s and %s: %s', a, b, CASE WHEN want THEN 'one, for separation' ELSE 'two' END)) FROM (VALUES
  ('ben', 'backup-team', true), ('anna', 'backup-team', true), ('backup-team', 'ben', true), ('backup-team', 'a.smith', true), ('night-team', 'backup-team', true),
  ('ben', 'anna', false), ('carla', 'backup-team', false), ('backup-team', 'carla', false), ('Anna', 'a.smith', true), ('empty-team', 'Empty-Team', true),
  ('empty-team', 'ben', false), ('carla', 'isms_manager', true), ('x', 'X ', true), ('x', 'y', false)) AS v(a, b, want);
SELECT do_('raise', 'rita', '{"title":"team","grade":"observation","owner":"backup-team","controls":"A.8.13"}');
SELECT do_('need', 'backup-team', '{"nc":2,"need":"no","reason":"trifle"}');
SELECT is((SELECT row(authors, state)::text FROM capa.request WHERE nc = 2), '({backup-team},open)', 'a team decided about its own');
SELECT matches(refusal('confirm', who, '{"nc":2}'), '^CA001', who || ' may not confirm it') FROM unnest(ARRAY['anna', 'a.smith', 'Ben', 'backup-team', 'night-team']) AS who;
SELECT is(say('confirm', 'carla', '{"nc":2}') -> 'confirmed', '["NC-2"]', 'somebody outside may');
SELECT do_('raise', 'rita', '{"title":"team","grade":"observation","owner":"ben","controls":"A.8.13"}');
SELECT do_('need', 'ben', '{"nc":3,"need":"no","reason":"trifle"}');
SELECT matches(refusal('confirm', 'night-team', '{"nc":3}'), '^CA001', 'nor a team what one of it did');
SELECT is(say('confirm', 'anna', '{"nc":3}') -> 'confirmed', '["NC-3"]', 'a colleague may, acting as herself');

-- owners
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"A.SMITH"}') #>> '{nc,owner}', 'anna', 'an owner is written as the file has it');
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"ghost"}') -> 'warnings', '["ghost is not in people.json: escalations to that name reach nobody"]', 'an unknown owner is taken with a warning');
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"empty-team"}') #>> '{warnings,0}', 'empty-team has neither lead nor members: escalations to it reach nobody', 'so is a team of nobody');
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"backup-team"}') -> 'warnings', NULL, 'of a team that has people nothing is said');
SELECT is(refusal(method, 'ben', params || '{"owner":"Max"}'), 'CA001 max has left (last day 2030-12-31) and can own nothing.', method || ': who has left owns nothing new')
FROM (VALUES ('assign', '{"ref":"NC-1"}'::jsonb), ('raise', '{"title":"t"}'), ('triage', '{"nc":1}'), ('action.add', '{"nc":1,"title":"t"}')) AS v(method, params);
SELECT is(refusal('show', 'max', '{"ref":"NC-1"}'), 'CA004 max has left (last day 2030-12-31) and may not act.', 'nor may they act');
SELECT is(refusal('show', 'rig', '{"ref":"NC-1","actor":" MAX"}'), 'CA004 max has left (last day 2030-12-31) and may not act.', 'nor anyone in their name');
SELECT is(refusal('show', 'luc', '{"ref":"NC-1"}'), 'OK', 'who leaves later may');

-- who is told
SELECT owned('anna') AS anna, owned('backup-team') AS team, owned('night-team') AS night, owned('luc') AS luc, owned('ghost') AS ghost, owned('tom') AS tom, owned('empty-team') AS empty \gset
SELECT is(told('anna', '{owner,manager,isms_manager,risk_owner,top_management}'), 'owner=anna manager=carla isms_manager=carla risk_owner=- top_management=tom', 'roles become names');
SELECT is(told('backup-team', '{owner,manager}'), 'owner=anna manager=carla', 'of a team its lead');
SELECT is(told('night-team', '{owner,manager}'), 'owner=ben owner=zoé manager=carla', 'without a lead its members');
SELECT is(told('ghost', '{owner,manager}'), 'owner=ghost manager=-', 'a name that is in no file stands, without manager');
SELECT is(told('tom', '{owner,manager}'), 'owner=tom manager=-', 'nobody above the top');
SELECT is(told('empty-team', '{owner}'), 'owner=empty-team', 'an empty team stands under its own name');
SELECT clock_to('2031-02-01 23:59Z');
SELECT is(told('anna', '{owner}'), 'owner=anna', 'the day before an absence');
SELECT clock_to('2031-02-02 00:00Z');
SELECT is(told('anna', '{owner,manager}'), 'owner=anna deputy=ben/anna manager=carla', 'absent: the deputy too');
SELECT is(told('backup-team', '{owner}'), 'owner=anna deputy=ben/anna', 'of a lead as well');
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"anna"}') -> 'warnings', '["anna is absent until 2031-02-06: ben is told too"]', 'who is absent may own, with a warning');
SELECT is(capa.people_status() -> 'absent', '[{"name":"anna","until":"2031-02-06","deputy":"ben","open":2}]', 'status says who is absent');
SELECT clock_to('2031-02-07 00:00Z');
SELECT is(told('anna', '{owner}'), 'owner=anna', 'back again');
SELECT is(told('luc', '{owner,manager}'), 'owner=luc manager=carla/max', 'a manager who has left: the next one up');
SELECT clock_to('2031-03-31 23:59Z');
SELECT is(capa.person_left('luc', capa.now()), false, 'the last day is still a day');
SELECT is((SELECT count(*) FROM capa.nc WHERE rule = 'people'), 0::bigint, 'nothing was raised');

-- leavers
SELECT ok(api.tick() IS NOT NULL, 'a tick before');
SELECT is((SELECT count(*) FROM capa.nc WHERE rule = 'people'), 0::bigint, 'raises nothing');
SELECT clock_to('2031-04-01 00:01Z');
SELECT is(told('luc', '{owner}'), 'owner=carla/luc', 'left: the manager instead');
SELECT ok(api.tick() IS NOT NULL, 'a tick after');
SELECT is((SELECT row(title, grade, owner, asset, controls, state, source_kind)::text FROM capa.nc WHERE rule = 'people'),
          format('("luc has left and still owns %s",observation,carla,luc,{A.6.5},contained,monitoring)', :'luc'), 'raises an observation for the manager');
SELECT 'NC-' || id AS seen FROM capa.nc WHERE rule = 'people' \gset
SELECT clock_by('1 minute');
SELECT ok(api.tick() IS NOT NULL, 'another tick');
SELECT is((SELECT count(*) FROM capa.nc WHERE rule = 'people'), 1::bigint, 'raises nothing twice');
SELECT is((SELECT count(*) FROM capa.record WHERE value ->> 'person' = 'luc'), 1::bigint, 'nor notes it twice');
SELECT is(capa.people_status() -> 'left', '[{"name":"luc","left":"2031-03-31","open":1},{"name":"max","left":"2030-12-31","open":0}]', 'status says who has left');

-- handover
SELECT is(refusal('handover', 'anna', '{"from":"luc","to":"ben"}', NULL, '{owner}'), 'CA004 You may hand over what is yours; what is luc''s the ISMS manager may.', 'not what is another''s');
SELECT is(refusal('handover', 'carla', '{"from":"anna","to":"a.smith"}'), 'CA001 anna and a.smith are one: nothing would change hands.', 'nor to oneself');
SELECT is(refusal('handover', 'carla', '{"from":"anna","to":"luc"}'), 'CA001 luc has left (last day 2031-03-31) and can own nothing.', 'nor to who has left');
SELECT is(refusal('handover', 'carla', '{"from":"nemo","to":"ben"}'), 'CA002 Nobody called nemo owns anything that is open.', 'nor from nobody');
SELECT is((SELECT owner FROM capa.nc WHERE 'NC-' || id = :'luc'), 'luc', 'refused: nothing moved');
SELECT is(say('handover', 'carla', '{"from":"Luc","to":"ben","reason":"he left"}') -> 'moved', jsonb_build_array(jsonb_build_object('ref', :'luc', 'nc', :'luc', 'kind', 'nc', 'title', 't')), 'all that is open moves');
SELECT is((SELECT owner FROM capa.nc WHERE 'NC-' || id = :'luc'), 'ben', 'to the other');
SELECT is(say('handover', 'carla', '{"from":"luc","to":"ben"}') -> 'warnings', '["luc owns nothing that is open"]', 'then there is nothing more');
SELECT do_('need', 'anna', jsonb_build_object('nc', :'seen', 'need', 'no', 'reason', 'handed over'));
SELECT is(state(:'seen'), 'closed', 'the observation is closed');
SELECT clock_by('1 minute');
SELECT ok(api.tick() IS NOT NULL, 'a tick');
SELECT is(state(:'seen'), 'closed', 'and stays closed');
SELECT by_rule('{"owner":"luc","title":"new"}') AS again \gset
SELECT clock_by('1 minute');
SELECT ok(api.tick() IS NOT NULL, 'a rule still gives luc something');
SELECT is((SELECT row(count(*), max(cycle), max(state))::text FROM capa.nc WHERE rule = 'people'), '(1,2,contained)', 'the observation is reopened, not raised twice');
SELECT is((SELECT value ->> 'text' FROM capa.record WHERE value ->> 'person' = 'luc' ORDER BY id DESC LIMIT 1), format('luc has left and owns again %s', :'again'), 'and says what');
SELECT by_rule('{"owner":"luc","title":"newer"}') AS more \gset
SELECT clock_by('1 minute');
SELECT ok(api.tick() IS NOT NULL, 'one more');
SELECT is((SELECT row(n.cycle, (SELECT count(*) FROM capa.record WHERE value ->> 'person' = 'luc'))::text FROM capa.nc n WHERE rule = 'people'), '(2,3)', 'is noted in the open one');
SELECT do_('handover', 'carla', '{"from":"luc","to":"anna"}');
SELECT is(say('reject', 'anna', jsonb_build_object('nc', :'seen', 'reason', 'the rule is wrong')) ->> 'state', 'rejected', 'rejected');
SELECT by_rule('{"owner":"luc","title":"late"}') AS late \gset
SELECT clock_by('1 minute');
SELECT ok(api.tick() IS NOT NULL, 'a tick while it is suppressed');
SELECT is((SELECT count(*) FROM capa.nc WHERE rule = 'people'), 1::bigint, 'raises nothing');
SELECT clock_by('31 days');
SELECT ok(api.tick() IS NOT NULL, 'and one after');
SELECT is((SELECT row(count(*), max(recurrence_of))::text FROM capa.nc WHERE rule = 'people'), format('(2,%s)', substr(:'seen', 4)), 'raises it anew, as its recurrence');

-- what a handover does to a plan
SELECT clock_to('2032-09-01 09:00Z');
SELECT is(load_people('{"teams":{}}', 'd') ->> 'changed', 'true', 'the teams are dissolved');
SELECT say('raise', 'rita', '{"title":"plan","grade":"major","owner":"anna","controls":"A.8.13","statement":"s"}') ->> 'ref' AS nc \gset
SELECT do_('contain', 'dora', jsonb_build_object('nc', :'nc', 'text', 'did', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
SELECT do_('cause', 'anna', jsonb_build_object('nc', :'nc', 'text', 'why', 'category', 'process'));
SELECT do_('similar', 'anna', jsonb_build_object('nc', :'nc', 'elsewhere', 'no', 'conclude', 'others'));
SELECT do_('need', 'anna', jsonb_build_object('nc', :'nc', 'need', 'yes', 'reason', 'r'));
SELECT do_('criterion', 'anna', jsonb_build_object('nc', :'nc', 'method', 'manual', 'text', 'look'));
SELECT do_('action.add', 'anna', jsonb_build_object('nc', :'nc', 'title', 'act', 'owner', 'zoé', 'due', '30d', 'expect', 'e'));
SELECT is(say('approve', 'pia', jsonb_build_object('ref', :'nc')) ->> 'state', 'implementing', 'a plan is approved');
CREATE TEMP TABLE before_ AS SELECT id, due, due_original, set_at FROM capa.deadline;
SELECT is(say('handover', 'zoé', '{"from":"me","to":"ben"}', NULL, '{owner}') - 'moved' - 'next',
  jsonb_build_object('from', 'zoé', 'to', 'ben', 'warnings', jsonb_build_array('an action''s owner is part of its plan: to be approved again: ' || :'nc')), 'the own may be handed over by oneself; the approval is void, and told');
SELECT is(state(:'nc'), 'planned', 'the plan waits again');
SELECT is((SELECT count(*) FROM capa.deadline d JOIN before_ b USING (id) WHERE row(d.due, d.due_original, d.set_at) IS DISTINCT FROM row(b.due, b.due_original, b.set_at)), 0::bigint, 'no date changed');
SELECT matches(capa.barred(substr(:'nc', 4)::int, 1, 'zoé'), '^owned CA-', 'who handed over stays barred from verifying');
SELECT is((SELECT count(*) FROM capa.journal_body WHERE body::jsonb #>> '{data,what}' = 'handover'), 4::bigint, 'one journal row each');
SELECT is(refusal('handover', 'carla', '{"from":"ben","to":"anna","if_version":1}'), 'CA003 handover changes several: "if_version" means nothing there.', 'no version of several');

-- follow-ups have owners of their own
SELECT capa.put('follow_up', jsonb_build_object('id', 1, 'nc', substr(:'seen', 4)::int, 'kind', 'manual', 'title', 'look again', 'owner', 'zoé', 'every', span('30d'),
  'author', 'tests', 'added_at', capa.now(), 'state', 'running')), capa.tell('nc.changed', 'tests', 'FU-1', substr(:'seen', 4)::int, '{}'), capa.append('tests');
SELECT is(state(:'seen'), 'rejected', 'a follow-up outlives its NC');
SELECT is(say('assign', 'zoé', '{"ref":"FU-1","owner":"ben"}') -> 'state', '"rejected"', 'it is assigned all the same');
SELECT is((SELECT row(f.owner, n.owner)::text FROM capa.follow_up f JOIN capa.nc n ON n.id = f.nc), '(ben,carla)', 'it alone');
SELECT matches(refusal('assign', 'zoé', jsonb_build_object('ref', :'seen', 'owner', 'ben')), '^CA001 NC-\d+ is rejected: assign changes nothing there', 'its NC is not');
SELECT is(told('carla', '{owner,manager}', jsonb_build_object('nc', substr(:'seen', 4)::int, 'follow_up', 1)), 'owner=ben manager=carla', 'its deadline speaks to its owner');
SELECT is(say('handover', 'carla', '{"from":"ben","to":"anna"}') -> 'moved' @> '[{"ref":"FU-1","kind":"follow_up"}]', true, 'it is handed over');
SELECT is((SELECT owner FROM capa.follow_up), 'anna', 'with the rest');

-- people, and people NAME
SELECT is((SELECT jsonb_object_agg(k, v) FROM jsonb_each(say('people', 'rita', '{}')) AS x(k, v) WHERE k IN ('loaded', 'unfilled')), '{"loaded":true,"unfilled":["risk_owner"]}', 'what is loaded, and which roles nobody has');
SELECT is((SELECT p - 'open' FROM jsonb_array_elements(say('people', 'rita', '{}') -> 'people') p WHERE p ->> 'name' = 'luc'),
  '{"name":"luc","manager":"max","left":"2031-03-31","has_left":true,"roles":["owner","reporter"],"teams":[]}', 'one of the list');
SELECT is((SELECT string_agg(u ->> 'name', ' ') FROM jsonb_array_elements(say('people', 'rita', '{}') -> 'unreachable') u), 'backup-team empty-team ghost night-team', 'whom nobody can reach');
SELECT is(say('people', 'rita', '{"name":"Carla"}') - 'items', '{"name":"carla","kind":"person","manager":"tom","has_left":false,"roles":["approver","isms_manager","owner","reporter"],"teams":[],"manages":["anna","ben","max"],"deputy_of":[],"reaches":["carla"]}', 'one person');
SELECT is(say('people', 'rita', '{"name":"luc"}') -> 'reaches', '["carla"]', 'whom a message for a leaver reaches');
SELECT is(say('people', 'rita', '{"name":"ghost"}') - 'items', '{"name":"ghost","kind":"unknown","reaches":[]}', 'a name in no file that owns something');
SELECT is((SELECT i ->> 'ref' FROM jsonb_array_elements(say('people', 'rita', '{"name":"ghost"}') -> 'items') i), :'ghost', 'with what it owns');
SELECT is(say('people', 'rita', '{"name":"approver"}') - 'items', '{"name":"approver","kind":"role","members":["ben","carla"],"reaches":["ben","carla"]}', 'a role');

-- what is restricted stays so
SELECT do_('raise', 'rita', '{"title":"secret","grade":"minor","owner":"tom","controls":"A.8.13","restricted":true}');
SELECT is((SELECT string_agg(i ->> 'title', ' ' ORDER BY i ->> 'ref') FROM jsonb_array_elements(say('people', 'ben', '{"name":"tom"}', NULL, '{owner}') -> 'items') i WHERE i ->> 'title' <> 't'), 'restricted', 'a title is not told to who may not read it');
SELECT is((SELECT string_agg(i ->> 'title', ' ' ORDER BY i ->> 'ref') FROM jsonb_array_elements(say('people', 'tom', '{"name":"me"}', NULL, '{owner}') -> 'items') i WHERE i ->> 'title' <> 't'), 'secret', 'but to its owner');

-- as of a moment
CREATE FUNCTION people_then(who text, moment text, params jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN api.as_of('people', jsonb_build_object('name', who, 'person', NULL, 'roles', '["owner"]'::jsonb), who, params || jsonb_build_object('as_of', moment))::jsonb;
EXCEPTION WHEN OTHERS THEN RETURN to_jsonb(SQLSTATE || ' ' || SQLERRM);
END $$;
SELECT is(people_then('rita', '2031-02-03T00:00:00Z', '{"name":"anna"}') - 'items' - 'absent', '{"name":"anna","full_name":"Anna Smith","kind":"person","also":["a.smith"],"manager":"carla","deputy":"ben","absent_until":"2031-02-06","has_left":false,"roles":["owner","reporter"],"teams":["backup-team"],"manages":[],"deputy_of":[],"reaches":["anna","ben"]}', 'people as they were: absent then, in a team that is dissolved since');
SELECT is(people_then('rita', '2031-03-31T00:00:00Z', '{"name":"luc"}') -> 'has_left', 'false', 'who left later was still there');
SELECT is(people_then('stranger', '2031-04-02T00:00:00Z', '{"name":"luc"}') -> 'has_left', 'true', 'and then not');
SELECT matches(people_then('luc', '2031-03-30T00:00:00Z') #>> '{}', '^CA004 luc has left', 'who has left reads nothing of the past either');

-- the daemon took the actor for somebody: beyond doubt
CREATE FUNCTION as_daemon(actor_ text, person jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.show(jsonb_build_object('name', 'gate', 'roles', '["owner"]'::jsonb, 'act_for_others', true, 'person', person), actor_, jsonb_build_object('ref', 'NC-1', 'actor', actor_), NULL);
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT is(as_daemon(U&'ZO\00C9', 'null'), U&'CA003 "ZO\00C9" is written "zo\00E9" in people.json.', 'a spelling that the daemon did not know as a person''s is refused');
SELECT matches(as_daemon('zoé', 'null'), '^CA005 The register knows zoé', 'nor are roles guessed while this daemon has other people');
SELECT is(as_daemon('zoé', '"zoé"'), 'OK', 'the file''s own is not');
SELECT is(as_daemon('stranger', 'null'), 'OK', 'nor is who is in no file');

-- the file goes: any name again
SELECT is(api.load('people', repeat('e', 64), '{"people":{}}', 'tests') ->> 'changed', 'true', 'an empty file ends the one before');
SELECT is(row(capa.people(), capa.same_person('anna', 'a.smith'), capa.same_person('Anna', 'anna'))::text, '(,f,t)', 'names are names again');
SELECT is(say('assign', 'ben', '{"ref":"NC-1","owner":"max"}') -> 'warnings', NULL, 'and any is taken');
SELECT * FROM finish();
