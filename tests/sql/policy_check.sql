-- Policies that cannot be used are refused, each with where and why; the default policy's form as the register reads it.
\ir policy.sql
SELECT plan(27);
SELECT is((capa.raise_nc('{"title":"early","grade":"minor"}', 'raise') > 0 AND capa.append('t') > 0), true, 'an NC before there is any policy');
SELECT is((SELECT count(*) FROM capa.deadline), 0::bigint, 'has no due dates');
SELECT is(load_policy() ->> 'changed', 'true', 'the default policy is taken');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY id) FROM capa.deadline WHERE nc = 1), 'triage contain plan act', 'and gives it some');
CREATE FUNCTION refused(path text[], value jsonb, want text) RETURNS text LANGUAGE sql AS $$
  SELECT throws_ok(format('SELECT api.load(''policy'', repeat(''1'', 64), jsonb_set(default_policy(), %L, %L), ''t'')', path, value),
                   'CA003', 'The policy cannot be used: ' || want || '.', want)
$$;
SELECT refused('{calendars,office,zone}', '"Nowhere/Land"', '/calendars/office/zone: the database knows no time zone "Nowhere/Land"');
SELECT refused('{calendars,office,hours,fri}', '["17:00","09:00"]', '/calendars/office/hours/fri: working hours are [from, to], from before to');
SELECT refused('{calendars,office,hours,fri}', '["09:00"]', '/calendars/office/hours/fri: working hours are [from, to], from before to');
SELECT refused('{calendars}', '{}', '/calendars: there is no calendar');
SELECT refused('{policies,default,calendar}', '"works"', '/policies/default/calendar: there is no calendar "works"');
SELECT refused('{policies,default,ladder}', '"steep"', '/policies/default/ladder: there is no ladder "steep"');
SELECT refused('{policies,default,ladder,minor}', '"steep"', '/policies/default/ladder: there is no ladder "steep"');
SELECT refused('{policies,default,major,act}', '{"mo":0,"d":0,"bd":0,"s":0}', '/policies/default/major/act: a duration is longer than nothing');
SELECT refused('{ladders,fast,4,repeat}', '{"mo":0,"d":0,"bd":0,"s":0}', '/ladders/fast/4/repeat: a duration is longer than nothing');
SELECT refused('{ladders,fast,0,at}', '[]', '/ladders/fast/0/at: a step needs a moment');
SELECT refused('{ladders,calm,0,hours}', '"night"', '/ladders/calm/0/hours: there is no calendar "night"');
SELECT is((SELECT count(*) FROM capa.loaded), 1::bigint, 'nothing of them was loaded');

SELECT is(capa.policy_named(1, 'default') -> 'approval', '{"critical":true,"major":true,"minor":false,"observation":false,"ofi":false}',
  'whose plans another person approves');
SELECT is((SELECT string_agg(key || ' ' || jsonb_array_length(value), ', ' ORDER BY key) FROM jsonb_each(capa.policy_named(1, 'default') -> 'ladder')),
  'critical 5, major 5, minor 4, observation 2, ofi 2', 'ladders by grade');
SELECT is(capa.policy_named(1, 'no-such') -> 'durations', capa.policy_named(1, 'default') -> 'durations', 'a policy of another name: the default');
SELECT is(capa.policy_named(2, 'default'), NULL, 'no such version: none');
SELECT is(capa.policy_named(0, 'default'), capa.policy_named(1, 'default'), 'raised before there was any: the first');
SELECT is(capa.policy_named(1, 'default') #>> '{calendar,zone}', 'UTC', 'the calendar it names');

-- pinned and live
SELECT is((capa.raise_nc('{"title":"x","grade":"major"}', 'raise') > 0 AND capa.append('t') > 0), true, 'an NC under version 1');
SELECT is(load_policy(jsonb_set(jsonb_set(default_policy(), '{policies,default,major,act}', span('5d')), '{calendars,office,zone}', '"Asia/Tokyo"'))
  ->> 'version', '2', 'version 2');
SELECT is(capa.policy_of(2) #> '{durations,major,act}', span('60d'), 'durations are pinned');
SELECT is(capa.policy_of(2) #>> '{calendar,zone}', 'Asia/Tokyo', 'calendars are live');
SELECT is((SELECT due FROM capa.deadline WHERE kind = 'act' AND nc = 2), (SELECT due_original FROM capa.deadline WHERE kind = 'act' AND nc = 2), 'a due date once computed stays');
SELECT * FROM finish();
