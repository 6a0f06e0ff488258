-- The register's settings: loaded with their difference, refused as a whole, in force from then on, made again from the journal.
\ir method.sql
SELECT plan(44);

-- As the daemon sends them: all of them, spans with every member. `patch` has names as in the table.
CREATE FUNCTION settings(patch jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb := '{"retention":{}}';
  s record;
  place text[];
BEGIN
  FOR s IN SELECT name, coalesce(patch -> name, standard) AS value FROM capa.setting WHERE standard IS NOT NULL
           UNION ALL SELECT key, value FROM jsonb_each(patch) WHERE key NOT IN (SELECT name FROM capa.setting WHERE standard IS NOT NULL) LOOP
    place := string_to_array(s.name, '.');
    IF cardinality(place) = 2 AND NOT result ? place[1] THEN
      result := result || jsonb_build_object(place[1], '{}'::jsonb);
    END IF;
    result := jsonb_set(result, place, CASE WHEN jsonb_typeof(s.value) = 'object' AND NOT s.value ?| '{n,within,changes}'
      THEN '{"mo":0,"d":0,"bd":0,"s":0}' || s.value ELSE s.value END);
  END LOOP;
  RETURN result;
END $$;
CREATE FUNCTION load(patch jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT api.load('settings', encode(sha256(convert_to(settings(patch)::text, 'UTF8')), 'hex'), settings(patch), 'tests')
$$;
CREATE FUNCTION load_refusal(body jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.load('settings', repeat('a', 64), body, 'tests');
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION value(name_ text) RETURNS jsonb LANGUAGE sql AS $$ SELECT value FROM capa.setting WHERE name = name_ $$;
CREATE FUNCTION told() RETURNS jsonb LANGUAGE sql AS $$
  SELECT b.body::jsonb -> 'data' FROM capa.journal j JOIN capa.journal_body b USING (seq)
  WHERE j.topic = 'config.loaded' AND b.body::jsonb #>> '{data,kind}' = 'settings' ORDER BY j.seq DESC LIMIT 1
$$;
CREATE FUNCTION status() RETURNS jsonb LANGUAGE sql AS $$ SELECT say('status', 'anna', '{}') -> 'settings' $$;

-- without a configuration
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM capa.setting WHERE standard IS NULL), 'retention.batch seal_events seal_every', 'all but these may be set');
SELECT is((SELECT string_agg(name, ' ') FROM capa.setting WHERE value <> standard), NULL, 'each has its standard');
SELECT is(status() #>> '{version}', '0', 'status: none was loaded');
SELECT is(status() #>> '{values,retention.events}', '90d', 'the values as a file writes them');
SELECT is(status() #>> '{values,storm.n}', '500', 'numbers as numbers');
SELECT is(status() #>> '{values,storm.within}', '10m', 'and each part of a limit');
SELECT is(status() -> 'changed', '{}', 'nothing is changed');
SELECT is(load() ->> 'changed', 'false', 'those without a configuration make no row');
SELECT is((SELECT count(*)::int FROM capa.loaded WHERE kind = 'settings'), 0, 'none at all');

-- loaded
SELECT clock_to('2041-01-02 09:00Z');
SELECT is(load('{"retention.events":{"d":30},"storm":{"n":7,"within":{"s":60}},"late_after":{"s":600}}') ->> 'changed', 'true', 'others do');
SELECT is(value('retention.events'), '{"d": 30}', 'and are in force, without members that are nothing');
SELECT is(value('storm'), '{"n": 7, "within": {"s": 60}}', 'a limit too');
SELECT is(value('retention.keys'), '{"d": 400}', 'what was not changed stays');
SELECT is(value('seal_every'), '{"s": 60}', 'what is not for configurations too');
SELECT is(told() #> '{difference,places}', '[{"path":"/late_after/s","from":300,"to":600},{"path":"/retention.events/d","from":90,"to":30},
  {"path":"/storm/n","from":500,"to":7},{"path":"/storm/within/s","from":600,"to":60}]', 'the journal has what changed, from what');
SELECT is(status() -> 'changed', '{"late_after":"5m","retention.events":"90d","storm.n":500,"storm.within":"10m"}', 'status says what they were without');
SELECT is(status() #>> '{version}', '1', 'and which version is in force');
SELECT is(api.heads(NULL) ->> 'settings', (SELECT sha256 FROM capa.loaded WHERE kind = 'settings'), 'other daemons see the hash');
SELECT is(load('{"retention.events":{"d":30},"storm":{"n":7,"within":{"s":60}},"late_after":{"s":600}}') ->> 'changed', 'false', 'the same again makes no row');
SELECT clock_to('2041-01-03 09:00Z');
SELECT is(load('{"retention.events":{"d":45}}') ->> 'version', '2', 'other ones are a new version');
SELECT is(told() #> '{difference,places}', '[{"path":"/late_after/s","from":600,"to":300},{"path":"/retention.events/d","from":30,"to":45},
  {"path":"/storm/n","from":7,"to":500},{"path":"/storm/within/s","from":60,"to":600}]', 'against those before');
SELECT is(value('late_after'), '{"s": 300}', 'what is not said any more has its standard again');
SELECT is(api.load('settings', repeat('b', 64), '{"retention":{}}', 'tests') ->> 'changed', 'true', 'what is absent is as without a configuration');
SELECT is((SELECT string_agg(name, ' ') FROM capa.setting WHERE value <> standard), NULL, 'all of it');

-- refused, and then nothing changes
SELECT matches(load_refusal('{"late_after":{"s":1}}'), '^CA003 A configuration of kind "settings" has a member "retention"', 'no settings at all');
SELECT matches(load_refusal(settings('{"late_aftr":{"s":1}}')), '^CA003 The settings cannot be used: late_aftr: there is no such setting', 'an unknown name');
SELECT matches(load_refusal(settings('{"retention.evnts":{"d":1}}')), 'retention.evnts: there is no such setting', 'within a group');
SELECT matches(load_refusal(settings('{"retention.batch":5}')), 'retention.batch: there is no such setting', 'one that is not for configurations');
SELECT matches(load_refusal(settings('{"retention.events":90}')), 'retention.events: a span is expected', 'a number where a span belongs');
SELECT matches(load_refusal(settings('{"retention.events":{"d":0}}')), 'retention.events: .*longer than nothing', 'a span of nothing');
SELECT matches(load_refusal(settings('{"retention.events":{"d":-5}}')), 'retention.events: a span', 'one that goes back');
SELECT matches(load_refusal(settings('{"consumer.rows":"5"}')), 'consumer.rows: a whole number', 'text where a number belongs');
SELECT matches(load_refusal(settings('{"consumer.rows":1.5}')), 'consumer.rows: a whole number', 'half a row');
SELECT matches(load_refusal(settings('{"storm":{"n":5}}')), 'storm: its members are n and within', 'half a limit');
SELECT matches(load_refusal(settings('{"storm":{"n":5,"within":{"d":0}}}')), 'storm: a span', 'a limit within no time');
SELECT throws_like($$SELECT api.load_set(jsonb_build_array(jsonb_build_object('kind', 'settings', 'sha256', repeat('c', 64), 'body', settings('{"late_after":{"s":7}}')),
  '{"kind":"rules","sha256":"x","body":{"rules":[]}}'::jsonb), 'tests')$$, '%64 hexadecimal digits%', 'with rules that are refused they are too');
SELECT is(value('late_after'), '{"s": 300}', 'and nothing of it is in force');

-- in force
SELECT is(load('{"silence.longest":{"d":2},"late_after":{"s":60},"storm":{"n":0,"within":{"s":60}}}') ->> 'changed', 'true', 'for what comes');
SELECT matches(refusal('silence.add', 'ina', '{"asset":"db01","for":"3d","reason":"r"}'), '^CA001 A silence lasts 2d at most', 'a silence');
SELECT is(capa.is_late('2041-01-03 08:00Z', '2041-01-03 08:02Z', '2041-01-03 08:01Z'), true, 'what is late');
SELECT is(capa.storm_limit(NULL), '{"n": 0, "within": {"s": 60}}', 'a storm');

-- from the journal alone
UPDATE capa.setting SET value = standard WHERE standard IS NOT NULL;
SELECT ok(capa.rebuild() > 0, 'the register is made anew');
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM capa.setting WHERE value <> standard), 'late_after silence.longest storm', 'with the settings that were loaded');
SELECT is(value('late_after'), '{"s": 60}', 'as they were');
SELECT * FROM finish();
