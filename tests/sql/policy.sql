-- No test of its own: what tests include (\ir policy.sql) to have a policy loaded. load_policy() loads the default policy
-- of PRODUCT in the normalized form that the daemon gives; load_policy(patch) with some top members replaced.
-- Durations are written as in the file and parsed here, apart from the daemon's parser.
CREATE FUNCTION span(text_ text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('mo', CASE u WHEN 'mo' THEN n ELSE 0 END,
    'd', CASE u WHEN 'd' THEN n WHEN 'w' THEN 7 * n ELSE 0 END, 'bd', CASE u WHEN 'bd' THEN n ELSE 0 END,
    's', CASE u WHEN 's' THEN n WHEN 'm' THEN 60 * n WHEN 'h' THEN 3600 * n ELSE 0 END)
  FROM (SELECT (m)[1]::bigint AS n, (m)[2] AS u FROM regexp_match(text_, '^(\d+)(s|m|h|d|bd|w|mo)$') m) p WHERE p.n IS NOT NULL
$$;

CREATE FUNCTION ladder_at(text_ text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN text_ = 'due' THEN '{"due":true}'
    WHEN text_ ~ '^due\+\d+%$' THEN jsonb_build_object('after_percent', substring(text_ FROM '\d+')::int)
    WHEN text_ LIKE 'due+%' THEN jsonb_build_object('after', span(substr(text_, 5)))
    ELSE jsonb_build_object('percent', rtrim(text_, '%')::int) END
$$;

-- One ladder from lines 'at level to,to ack repeat hours', - where there is none; at may be a,b.
CREATE FUNCTION ladder(VARIADIC lines text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'at', (SELECT jsonb_agg(ladder_at(a) ORDER BY o) FROM unnest(string_to_array(w[1], ',')) WITH ORDINALITY AS x(a, o)),
      'level', w[2], 'to', to_jsonb(string_to_array(w[3], ',')),
      'ack', span(w[4]), 'repeat', span(w[5]), 'hours', nullif(w[6], '-'))) ORDER BY o)
  FROM unnest(lines) WITH ORDINALITY AS l(line, o), regexp_split_to_array(line, '\s+') AS w
$$;

-- {"triage":span,...} from 'triage 4h contain 24h ...'
CREATE FUNCTION durations(text_ text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(w[i], span(w[i + 1]))
  FROM regexp_split_to_array(text_, '\s+') AS w, generate_series(1, array_length(w, 1), 2) AS i
$$;

CREATE FUNCTION default_policy() RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(
    'policies', jsonb_build_object('default', jsonb_build_object(
      'critical', durations('triage 4h contain 24h plan 14d act 30d window 30d verify 7d accept_max 30d') || '{"approval":true}',
      'major', durations('triage 2bd contain 7d plan 30d act 60d window 60d verify 14d accept_max 90d') || '{"approval":true}',
      'minor', durations('triage 5bd contain 14d plan 60d act 90d window 90d verify 30d accept_max 180d confirmation 30d')
               || '{"approval":false}',
      'observation', durations('triage 14d plan 90d act 180d accept_max 365d confirmation 30d') || '{"approval":false}',
      'ofi', durations('triage 14d plan 90d act 180d accept_max 365d confirmation 30d') || '{"approval":false}',
      'ladder', '{"critical":"fast","minor":"calm","observation":"quiet","ofi":"quiet","*":"default"}'::jsonb,
      'calendar', 'office')),
    'ladders', jsonb_build_object(
      'fast', ladder('50% L0 owner - - -', 'due L1 owner,manager 4h - -', 'due+4h L2 isms_manager 24h - -',
                     'due+24h L3 risk_owner 24h - -', 'due+72h L4 top_management 24h 24h -'),
      'default', ladder('80% L0 owner - - office', 'due L1 owner,manager 1bd - office',
                        'due+7d,due+25% L2 isms_manager 1bd - office', 'due+14d L3 risk_owner 2bd - office',
                        'due+30d L4 top_management 5bd 7d office'),
      'calm', ladder('80% L0 owner - - office', 'due L1 owner,manager 2bd - office', 'due+14d L2 isms_manager 5bd - office',
                     'due+60d L4 top_management 10bd 1mo office'),
      'quiet', ladder('due L1 owner 5bd - office', 'due+30d L2 isms_manager 10bd 1mo office')),
    'calendars', '{"office":{"zone":"UTC","hours":{"mon":["09:00","17:00"],"tue":["09:00","17:00"],
      "wed":["09:00","17:00"],"thu":["09:00","17:00"],"fri":["09:00","17:00"]},"holidays":[]}}'::jsonb,
    'sod', 'strict')
$$;

CREATE FUNCTION load_policy(patch jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT api.load('policy', encode(sha256(convert_to((default_policy() || patch)::text, 'UTF8')), 'hex'),
                  default_policy() || patch, 'tests')
$$;

-- The moved clock: to a moment, or by a time. A daemon is there and ticks, so that the time is covered (capa.present).
CREATE FUNCTION clock_to(at timestamptz) RETURNS void LANGUAGE sql AS $$
  UPDATE capa.clock SET shift = at - clock_timestamp();
  SELECT capa.present()
$$;
CREATE FUNCTION clock_by(time_ interval) RETURNS void LANGUAGE sql AS $$
  UPDATE capa.clock SET shift = shift + make_interval(secs => extract(epoch FROM time_)::float8);
  SELECT capa.present()
$$;

-- Tests speak as the owner, as the functions of schema api do: temporary tables are shared with them.
GRANT CREATE ON SCHEMA public TO capa_owner;
SET ROLE capa_owner;
