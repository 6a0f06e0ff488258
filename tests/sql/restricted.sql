-- A restricted NC: its words are on no bus, in no replay, in no list of those who may not read it; who may, may; the journal still
-- verifies. Every reading method is asked by somebody who may not: none answers with a word of it.
\ir method.sql
SELECT plan(72);
SELECT clock_to('2026-01-05 09:00Z');
CREATE FUNCTION as_(method text, who text, params jsonb, VARIADIC roles text[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT say(method, who, params, NULL, roles) $$;
CREATE FUNCTION not_(method text, who text, params jsonb, VARIADIC roles text[]) RETURNS text LANGUAGE sql AS $$ SELECT refusal(method, who, params, NULL, roles) $$;

SELECT do_('raise', 'rita', '{"title":"Open one","grade":"minor","owner":"olaf","controls":"A.5.1","statement":"s"}');
SELECT do_('raise', 'whistler', '{"title":"Secretword taken","grade":"critical","owner":"anna","statement":"secretword","source_kind":"complaint","issuer":"Secretword Ltd",
  "asset":"secretword-host","controls":"A.6.8","labels":{"case":"secretword"},"restricted":true,"due":{"secretword":"2026-01-15"},
  "evidence":[{"name":"secretword.txt","frame":0}]}', ARRAY['secretword'::bytea]);
SELECT is((SELECT restricted FROM capa.nc WHERE id = 2), true, 'raised as restricted');
SELECT is(state('NC-2'), 'triaged', 'and otherwise like any other');
SELECT do_('contain', 'anna', '{"nc":2,"text":"secretword stopped","consequences":"secretword lost","evidence":[{"url":"https://secretword.example.org/"}]}');
SELECT do_('cause', 'anna', '{"nc":2,"text":"secretword","category":"process"}');
SELECT do_('action.add', 'anna', '{"nc":2,"title":"secretword away","owner":"bob","due":"3d","expect":"secretword"}');
SELECT do_('note', 'ina', '{"ref":"NC-2","text":"secretword"}');
SELECT do_('clock', 'anna', '{"nc":2,"law":"gdpr"}');

-- the bus and replay
SELECT is((SELECT count(*) FROM api.publish('p', 0, 100000) p WHERE p.body ~* 'secretword|whistler'), 0::bigint, 'nothing of it is published');
SELECT ok((SELECT count(*) > 8 FROM api.publish('p', 0, 100000) p WHERE p.body LIKE '%"NC-2"%'), 'but that something happens is');
SELECT is((SELECT p.body::jsonb -> 'data' FROM api.publish('p', 0, 100000) p WHERE p.topic = 'nc.raised' AND p.body LIKE '%"NC-2"%')
  - 'nc', '{"what":"raised as critical","restricted":true}', 'what happened');
SELECT is((SELECT (p.body::jsonb -> 'data' -> 'nc') - '{version,first_seen,last_seen,raised_at,next_due,occurrences,overdue,closed_at,cycle}'::text[]
           FROM api.publish('p', 0, 100000) p WHERE p.topic = 'nc.raised' AND p.body LIKE '%"NC-2"%'),
  '{"ref":"NC-2","title":"restricted","grade":"critical","state":"raised","rule":null,"fingerprint":null,"source":null,"source_kind":null,"asset":null,"owner":null,
    "controls":[],"labels":{},"recurrence_of":null,"restricted":true}', 'to which one, of which grade, in which state');
SELECT is((SELECT count(*) FROM api.publish('p', 0, 100000) p WHERE p.body LIKE '%"NC-2"%' AND p.body::jsonb ->> 'actor' NOT IN ('restricted', 'system')), 0::bigint, 'and not by whom');
SELECT is((SELECT string_agg(DISTINCT m -> 'event' ->> 'actor', ' ') FROM jsonb_array_elements(as_('journal.read', 'ina', '{}', 'isms_manager') -> 'messages') m
           WHERE m -> 'event' -> 'data' -> 'nc' ->> 'ref' = 'NC-2'), 'restricted', 'replay gives the same to everybody');
SELECT is((SELECT count(*) FROM capa.journal_body b JOIN api.publish('p', 0, 100000) p USING (seq)
           WHERE b.summary IS NOT NULL AND (b.summary::jsonb - 'data' - 'actor') IS DISTINCT FROM (b.body::jsonb - 'data' - 'actor')), 0::bigint, 'in the same envelope');
SELECT is((SELECT count(*) FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.digest <> sha256(b.salt || convert_to(b.body, 'UTF8'))), 0::bigint, 'digests are of the bodies');
SELECT is((SELECT count(*) FROM capa.journal_body b WHERE b.summary IS NULL AND b.body ~* 'secretword'), 0::bigint, 'no body without a summary speaks of it');
SELECT is((SELECT p.body::jsonb -> 'data' ->> 'name' FROM api.publish('p', 0, 100000) p WHERE p.topic = 'sys.actor' AND p.body::jsonb -> 'data' ->> 'name' = 'whistler'), NULL,
  'nor is its reporter named as a new actor');
SELECT is((SELECT p.body::jsonb -> 'data' ->> 'name' FROM api.publish('p', 0, 100000) p WHERE p.topic = 'sys.actor' AND p.body::jsonb -> 'data' ->> 'name' = 'rita'), 'rita', 'as others are');

-- escalations: their recipients are named, and nothing else
SELECT clock_to('2026-01-06 21:30Z');
SELECT api.tick();
SELECT clock_to('2026-01-08 10:30Z');
SELECT api.tick();
SELECT ok((SELECT bool_and(p.body::jsonb -> 'data' -> 'recipients' @> '[{"name":"anna"}]' AND p.body !~* 'secretword') AND count(*) > 0
           FROM api.publish('p', 0, 100000) p WHERE p.topic LIKE 'escalation.%' AND p.body::jsonb -> 'data' -> 'deadline' ->> 'kind' = 'clock'), 'an escalation names its recipients alone');

-- who may not
SELECT is((SELECT n - '{version,first_seen,last_seen,raised_at,next_due,occurrences,overdue,closed_at,cycle,missing,register}'::text[]
           FROM jsonb_array_elements(as_('list', 'olaf', '{"register":true}', 'owner', 'approver', 'verifier', 'reporter')) n WHERE n ->> 'ref' = 'NC-2'),
  '{"ref":"NC-2","title":"restricted","grade":"critical","state":"contained","rule":null,"fingerprint":null,"source":null,"source_kind":null,"asset":null,"owner":null,
    "controls":[],"labels":{},"recurrence_of":null,"restricted":true}', 'others see that there is one');
SELECT ok((SELECT n -> 'next_due' ->> 'due' IS NOT NULL FROM jsonb_array_elements(as_('list', 'olaf', '{}', 'owner')) n WHERE n ->> 'ref' = 'NC-2'), 'and when it is due');
SELECT is((SELECT count(*) FROM jsonb_array_elements(as_('list', 'olaf', what, 'owner')) n WHERE n ->> 'ref' = 'NC-2'), 0::bigint, 'it is not found by ' || what::text)
  FROM unnest('{"{\"owner\":\"anna\"}","{\"asset\":\"secretword-host\"}","{\"control\":\"A.6.8\"}","{\"label\":\"case=secretword\"}"}'::jsonb[]) what;
SELECT matches(not_(method, 'olaf', params, 'owner', 'approver', 'verifier', 'reporter'), '^CA004 NC-2 is restricted', method || ' is forbidden') FROM (VALUES
  ('show', '{"ref":"NC-2"}'::jsonb), ('log', '{"ref":"CA-2"}'), ('next', '{"nc":2}'), ('evidence.list', '{"ref":"NC-2"}'), ('evidence.get', '{"id":"EV-1"}'),
  ('note', '{"ref":"NC-2","text":"x"}'), ('assign', '{"ref":"NC-2","owner":"olaf"}'), ('action.done', '{"action":"CA-2","evidence":[{"url":"https://x.example.org/"}]}'),
  ('triage', '{"nc":2,"owner":"olaf"}'), ('approve', '{"ref":"NC-2"}'), ('verify', '{"nc":2,"verdict":"effective","text":"x"}'), ('label', '{"nc":2,"labels":{"a":"b"}}'),
  ('evidence.add', '{"ref":"NC-2","evidence":[{"url":"https://x.example.org/"}]}'), ('ack', '{"ref":"NC-2"}')) AS m(method, params);
SELECT is(as_(method, 'olaf', params, 'owner', 'approver', 'verifier', 'reporter')::text ~* 'secretword|whistler|anna', false, method || ' says nothing of it') FROM (VALUES
  ('since', '{"since":"2d"}'::jsonb), ('search', '{"text":"secretword"}'), ('page', '{}'), ('next', '{}'), ('approvals', '{"all":true}'), ('due', '{"within":"30d"}'),
  ('list', '{"all":true,"register":true}'), ('journal.export', '{}'), ('similar', '{"nc":1}')) AS m(method, params);
SELECT is(jsonb_array_length(as_('search', 'olaf', '{"text":"secretword"}', 'owner')), 0, 'it is not even found');
SELECT is((SELECT count(*) FROM jsonb_array_elements(as_('escalations', 'olaf', '{}', 'owner')) e WHERE e ->> 'nc' = 'NC-2' AND (e ->> 'title' <> 'restricted' OR e::text ~* 'secretword')), 0::bigint,
  'escalations have no title');
SELECT is((SELECT count(*) FROM jsonb_array_elements(as_('due', 'olaf', '{"owner":"anna","within":"60d"}', 'owner')) d WHERE d ->> 'nc' = 'NC-2'), 0::bigint, 'whose it is cannot be asked');
SELECT matches(not_('restrict', 'anna', '{"nc":2,"restricted":false}', 'owner'), '^CA004 restrict needs', 'its owner cannot open it');

SELECT is(capa.masked('{"title":"t","next_due":{"kind":"external","due":"x","label":"secretword"}}') -> 'next_due', '{"kind":"external","due":"x"}',
  'nor does a date say what for');

-- who may
SELECT is(as_('show', who, '{"ref":"NC-2"}', role) ->> 'title', 'Secretword taken', who || ' may read it as ' || role) FROM (VALUES
  ('anna', 'owner'), ('bob', 'owner'), ('whistler', 'reporter'), ('Anna ', 'owner'), ('ina', 'isms_manager'), ('aud', 'auditor'), ('ceo', 'top_management'), ('rick', 'risk_owner')) AS w(who, role);
SELECT do_('ack', 'anna', '{"ref":"NC-2"}');
SELECT is((SELECT count(*) FROM capa.escalation WHERE nc = 2 AND acked_by = 'anna'), 1::bigint, 'its recipient acknowledges');

-- the journal verifies for both
SELECT is((SELECT count(*) FROM jsonb_array_elements_text(as_('journal.export', 'olaf', '{}', 'owner') -> 'lines') l WHERE (l::jsonb ? 'withheld') = (l::jsonb ? 'body')), 0::bigint,
  'rows of it are withheld, with their line and hash');
SELECT is((SELECT count(*) FROM jsonb_array_elements_text(as_('journal.export', 'aud', '{}', 'auditor') -> 'lines') l WHERE NOT l::jsonb ? 'body'), 0::bigint, 'an auditor gets all bodies');

-- later restricted, and opened again
SELECT do_('note', 'olaf', '{"ref":"NC-1","text":"otherword"}');
SELECT ok((SELECT count(*) > 0 FROM api.publish('p', 0, 100000) p WHERE p.body LIKE '%otherword%'), 'an open one is told whole');
SELECT do_('restrict', 'ina', '{"nc":1,"restricted":true,"reason":"otherword is a name"}');
SELECT is((SELECT count(*) FROM api.publish('p', 0, 100000) p WHERE p.body LIKE '%otherword%'), 0::bigint, 'restricted later: replay keeps quiet from now on');
SELECT matches(refusal('restrict', 'ina', '{"nc":1,"restricted":true}'), '^CA001 NC-1 is restricted already', 'once is enough');
SELECT do_('restrict', 'ina', '{"nc":1,"restricted":false}');
SELECT is(as_('show', 'eve', '{"ref":"NC-1"}', 'reporter') ->> 'title', 'Open one', 'opened again: all may read it');
SELECT is((SELECT count(*) FROM jsonb_array_elements_text(as_('journal.export', 'eve', '{}', 'reporter') -> 'lines') l WHERE l::jsonb ? 'withheld' AND l LIKE '%NC-1\\"%'), 0::bigint,
  'and its rows of the journal');
-- what comes of it is restricted too
SELECT do_('raise', 'rita', '{"title":"Fourth","grade":"minor","owner":"olaf","controls":"A.5.1","statement":"s"}');
SELECT do_('raise', 'rita', '{"title":"Fourthword","grade":"minor","owner":"anna","controls":"A.5.1","statement":"s","restricted":true}');
SELECT matches(not_('merge', 'olaf', '{"nc":3,"into":2}', 'owner'), '^CA004 NC-2 is restricted', 'nobody merges into what he may not read');
SELECT do_('merge', 'anna', '{"nc":4,"into":3,"reason":"the same"}');
SELECT is((SELECT restricted FROM capa.nc WHERE id = 3), true, 'merged into an open one: that is restricted now');
SELECT is(as_('show', 'olaf', '{"ref":"NC-3"}', 'owner') ->> 'restricted', 'true', 'and its owner reads on');
SELECT isnt(by_rule('{"recurrence_of":2}'), NULL, 'it recurs');
SELECT is((SELECT n.restricted FROM capa.nc n ORDER BY id DESC LIMIT 1), true, 'what recurs from a restricted one is restricted');
-- the past is withheld as the present is
CREATE FUNCTION past(method text, who text, params jsonb, role text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
  RETURN api.as_of(method, jsonb_build_object('name', who, 'roles', ARRAY[role]), who, params || '{"as_of":"1s","spans":{"as_of":{"mo":0,"d":0,"bd":0,"s":1}}}');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT clock_to((SELECT max(at) FROM capa.journal) + interval '1 day');
SELECT matches(past('show', 'olaf', '{"ref":"NC-2"}', 'owner'), '^CA004 NC-2 is restricted', 'as of then: forbidden all the same');
SELECT is(past('list', 'olaf', '{"all":true}', 'owner') ~* 'secretword', false, 'and not listed with its words');
SELECT is(past('list', 'aud', '{"all":true}', 'auditor') ~* 'secretword', true, 'but for those who may');
SELECT * FROM finish();
