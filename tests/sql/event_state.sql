-- What an event does in every state (PRODUCT, "What an event does"; SEMANTICS section 5, late): states × {fail, late fail, worse
-- fail, pass, late pass}, as one table, and then what is beside the table.
\ir lib/send.psql
CREATE EXTENSION dblink;
\ir method.sql
SELECT * FROM no_plan();
UPDATE capa.setting SET value = '{"n": 0}' WHERE name = 'storm'; -- one rule raises a great many here
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules() ->> 'changed';

-- An NC of fingerprint `fp` in a state; accepted, merged (its target in `triaged`), short (closed without action) too.
CREATE FUNCTION reach(fp text, state_ text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ref text := test.one(fp || '-0', jsonb_build_object('fp', fp, 'rule', CASE state_ WHEN 'raised' THEN 1 ELSE 0 END)) #>> '{results,0,nc}';
  other text;
  ca text;
BEGIN
  IF state_ IN ('raised', 'triaged') THEN RETURN ref; END IF;
  IF state_ = 'rejected' THEN
    PERFORM say('reject', 'ina', jsonb_build_object('nc', ref, 'reason', 'no failure'));
    RETURN ref;
  ELSIF state_ = 'merged' THEN
    other := test.one(fp || '-t', jsonb_build_object('fp', fp || '-target')) #>> '{results,0,nc}';
    PERFORM say('merge', 'anna', jsonb_build_object('nc', ref, 'into', other));
    RETURN ref;
  END IF;
  PERFORM say('contain', 'anna', jsonb_build_object('nc', ref, 'text', 'ran it', 'consequences', 'none', 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  IF state_ = 'contained' THEN RETURN ref; END IF;
  IF state_ = 'accepted' THEN
    PERFORM say('accept', 'anna', jsonb_build_object('nc', ref, 'risk', 'R-1', 'until', '100d', 'reason', 'r'));
    PERFORM say('approve', 'rita', jsonb_build_object('ref', ref), NULL, '{risk_owner}');
    RETURN ref;
  END IF;
  PERFORM say('cause', 'anna', jsonb_build_object('nc', ref, 'text', 'why', 'category', 'process'));
  PERFORM say('similar', 'anna', jsonb_build_object('nc', ref, 'elsewhere', 'no', 'conclude', 'others apart'));
  PERFORM say('need', 'ina', jsonb_build_object('nc', ref, 'need', CASE state_ WHEN 'short' THEN 'no' ELSE 'yes' END, 'reason', 'r', 'isms', 'none', 'risk', 'none'));
  IF state_ IN ('analysed', 'short') THEN RETURN ref; END IF;
  IF state_ = 'planned' THEN PERFORM say('regrade', 'ina', jsonb_build_object('nc', ref, 'to', 'major', 'reason', 'r')); END IF;
  ca := say('action.add', 'anna', jsonb_build_object('nc', ref, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
  PERFORM say('criterion', 'anna', jsonb_build_object('nc', ref, 'method', 'event_silence', 'window', '10d'));
  IF state_ IN ('planned', 'implementing') THEN RETURN ref; END IF;
  PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', '[{"url":"https://example.org"}]'::jsonb));
  IF state_ = 'verifying' THEN RETURN ref; END IF;
  PERFORM clock_by('14 days');
  PERFORM say('verify', 'vera', jsonb_build_object('nc', ref, 'verdict', 'effective', 'text', 'quiet'));
  RETURN ref;
END $$;

-- One event on a fresh NC in that state; "effect state cycle grade" of the NC that it went to (own, target or another), and
-- what it is for the register: quiet where it wrote no journal row.
CREATE FUNCTION tried(state_ text, event text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  fp text := state_ || '/' || event;
  ref text := reach(fp, state_);
  head bigint;
  r jsonb;
  e jsonb := CASE event WHEN 'fail' THEN '{}' WHEN 'worse' THEN '{"grade":"major"}' WHEN 'pass' THEN '{"effect":"pass"}'
    WHEN 'late fail' THEN jsonb_build_object('time', capa.now() - interval '20 min')
    WHEN 'late pass' THEN jsonb_build_object('time', capa.now() - interval '20 min', 'effect', 'pass') END;
BEGIN
  head := (SELECT max(seq) FROM capa.journal);
  r := test.one(fp || '-1', jsonb_build_object('fp', fp, 'rule', CASE state_ WHEN 'raised' THEN 1 ELSE 0 END) || e) #> '{results,0}';
  RETURN concat_ws(' ', r ->> 'effect',
    CASE WHEN r ->> 'nc' = ref THEN 'own' WHEN (SELECT 'NC-' || n.merged_into FROM capa.nc n WHERE 'NC-' || n.id = ref) = r ->> 'nc' THEN 'target'
         WHEN r ->> 'nc' IS NOT NULL THEN 'another' ELSE '-' END,
    (SELECT concat_ws(' ', n.state, n.cycle, n.grade) FROM capa.nc n WHERE 'NC-' || n.id = coalesce(r ->> 'nc', ref)),
    CASE WHEN (SELECT max(seq) FROM capa.journal) = head THEN 'quiet' END);
END $$;

CREATE TEMPORARY TABLE expected (state_ text, fail text, late_fail text, worse text, pass text, late_pass text);
INSERT INTO expected VALUES
 ('raised',       'occurrence own raised 1 minor quiet',       'occurrence own raised 1 minor quiet',       'occurrence own raised 1 major',       'evidence own raised 1 minor',             'evidence own raised 1 minor quiet'),
 ('triaged',      'occurrence own triaged 1 minor quiet',      'occurrence own triaged 1 minor quiet',      'occurrence own triaged 1 major',      'evidence own triaged 1 minor',            'evidence own triaged 1 minor quiet'),
 ('contained',    'occurrence own contained 1 minor quiet',    'occurrence own contained 1 minor quiet',    'occurrence own contained 1 major',    'evidence own contained 1 minor quiet',    'evidence own contained 1 minor quiet'),
 ('analysed',     'occurrence own analysed 1 minor quiet',     'occurrence own analysed 1 minor quiet',     'occurrence own analysed 1 major',     'evidence own analysed 1 minor quiet',     'evidence own analysed 1 minor quiet'),
 ('planned',      'occurrence own planned 1 major quiet',      'occurrence own planned 1 major quiet',      'occurrence own planned 1 major',      'evidence own planned 1 major quiet',      'evidence own planned 1 major quiet'),
 ('implementing', 'occurrence own implementing 1 minor quiet', 'occurrence own implementing 1 minor quiet', 'occurrence own planned 1 major',      'evidence own implementing 1 minor quiet', 'evidence own implementing 1 minor quiet'),
 ('verifying',    'recurred own triaged 2 minor',              'occurrence own verifying 1 minor',          'recurred own triaged 2 major',        'evidence own verifying 1 minor quiet',    'evidence own verifying 1 minor quiet'),
 ('closed',       'reopened own triaged 2 major',              'occurrence own closed 1 minor',             'reopened own triaged 2 major',        'evidence own closed 1 minor quiet',       'evidence own closed 1 minor quiet'),
 ('short',        'reopened own triaged 2 minor',              'occurrence own closed 1 minor',             'reopened own triaged 2 major',        'evidence own closed 1 minor quiet',       'evidence own closed 1 minor quiet'),
 ('rejected',     'suppressed own rejected 1 minor quiet',     'suppressed own rejected 1 minor quiet',     'suppressed own rejected 1 minor quiet', 'none - rejected 1 minor quiet',         'none - rejected 1 minor quiet'),
 ('accepted',     'occurrence own accepted 1 minor quiet',     'occurrence own accepted 1 minor quiet',     'occurrence own contained 1 major',    'evidence own accepted 1 minor quiet',     'evidence own accepted 1 minor quiet'),
 ('merged',       'occurrence target triaged 1 minor quiet',   'occurrence target triaged 1 minor quiet',   'occurrence target triaged 1 major',   'none - merged 1 minor quiet',             'none - merged 1 minor quiet');
SELECT is(regexp_replace(tried(e.state_, k.key), CASE WHEN e.state_ IN ('verifying', 'closed', 'short') AND k.key = 'late fail' THEN ' quiet$' ELSE '^$' END, ''),
          k.value, k.key || ' in ' || e.state_)
FROM expected e CROSS JOIN LATERAL (VALUES ('fail', e.fail), ('late fail', e.late_fail), ('worse', e.worse), ('pass', e.pass), ('late pass', e.late_pass)) AS k(key, value);

-- a late fail never moves what was proved or closed: nothing but a count
SELECT is((SELECT count(*) FROM capa.nc n WHERE n.fingerprint = decode(test.fp(s || '/late fail'), 'hex') AND n.cycle = 1)::int, 1, s || ': a late fail begins no cycle')
  FROM unnest(ARRAY['verifying', 'closed', 'short']) s;
SELECT is((SELECT capa.summary(n.id) ->> 'occurrences' FROM capa.nc n WHERE n.fingerprint = decode(test.fp(s || '/late fail'), 'hex')), '2', s || ': but it is counted')
  FROM unnest(ARRAY['verifying', 'closed', 'short', 'rejected', 'accepted', 'raised']) s;

-- a new cycle: by verdict the actions failed and the short way stays open; after a correction-only closing it is barred
SELECT is((SELECT string_agg(DISTINCT a.result, ' ') FROM capa.action a JOIN capa.nc n ON n.id = a.nc WHERE n.fingerprint = decode(test.fp(s || '/fail'), 'hex') AND a.kind <> 'correction'),
  'ineffective', s || ': the old cycle''s actions are marked') FROM unnest(ARRAY['verifying', 'closed']) s;
SELECT is((SELECT c.short_barred FROM capa.cycle c JOIN capa.nc n ON n.id = c.nc AND n.cycle = c.no WHERE n.fingerprint = decode(test.fp(s || '/fail'), 'hex')), s = 'short', s || ': is the short way barred?')
  FROM unnest(ARRAY['verifying', 'closed', 'short']) s;

-- beyond the recurrence window, after a suppression, after the rule changed: a new NC that knows the old one
SELECT reach('old/closed', 'closed') IS NOT NULL, reach('old/short', 'short') IS NOT NULL, reach('old/rejected', 'rejected') IS NOT NULL;
SELECT clock_by('31 days');
SELECT is((SELECT r ->> 'effect' FROM test.one('or1', '{"fp":"old/rejected"}') x, LATERAL (SELECT x #> '{results,0}' AS r) y), 'raised', 'after its suppression a rejected one raises again');
SELECT clock_by('335 days');
SELECT is((SELECT r ->> 'effect' FROM test.one('o' || s, jsonb_build_object('fp', 'old/' || s)) x, LATERAL (SELECT x #> '{results,0}' AS r) y), 'raised', s || ': after 366 days a new one')
  FROM unnest(ARRAY['closed', 'short']) s;
SELECT is((SELECT count(*) FROM capa.nc n WHERE n.recurrence_of IS NOT NULL AND n.fingerprint = (SELECT o.fingerprint FROM capa.nc o WHERE o.id = n.recurrence_of))::int, 3, 'each names the one it recurs');

-- reopen races a new NC of the same fingerprint
SELECT reach('race', 'rejected') AS race \gset
RESET ROLE;
SELECT dblink_connect('other', format('host=%s dbname=%s user=%s', current_setting('unix_socket_directories'), current_database(), current_user));
SELECT clock_by('31 days');
SELECT dblink_exec('other', 'BEGIN');
SELECT is((SELECT r FROM dblink('other', $$SELECT test.one('race1', '{"fp":"race"}') #>> '{results,0,effect}'$$) AS t(r text)), 'raised', 'an event raises a new one, not committed yet');
SELECT dblink_connect('second', format('host=%s dbname=%s user=%s', current_setting('unix_socket_directories'), current_database(), current_user));
SELECT is(dblink_send_query('second', format($$SELECT refusal('reopen', 'anna', '{"nc":"%s","reason":"r"}')$$, :'race')), 1, 'meanwhile somebody reopens the old one');
DO $$ BEGIN
  FOR i IN 1 .. 200 LOOP EXIT WHEN EXISTS (SELECT FROM test.waiting); PERFORM pg_sleep(0.01); END LOOP;
END $$;
SELECT is((SELECT count(*) > 0 FROM test.waiting), true, 'and waits');
SELECT dblink_exec('other', 'COMMIT');
SELECT matches((SELECT r FROM dblink_get_result('second', false) AS t(r text)), '^CA001 NC-[0-9]+ cannot be reopened: the same failure is open as NC-[0-9]+ already', 'it is refused with a sentence');
SELECT * FROM finish();
