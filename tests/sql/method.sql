-- No test of its own: what tests include (\ir method.sql) to call the register's methods as the daemon does.
--   say(method, who, params)      calls it and gives the result; durations in params are put into spans
--   do_(method, who, params)       calls it and gives no row
--   refusal(method, who, params)  calls it and gives 'CA001 sentence' of what it answers instead, or 'OK'
--   state(ref), facts_missing(ref)
\ir policy.sql
DO $$ BEGIN PERFORM load_policy(); END $$;

CREATE FUNCTION with_spans(params jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT params || jsonb_build_object('spans', coalesce((SELECT jsonb_object_agg(key, span(value #>> '{}')) FROM jsonb_each(params)
    WHERE jsonb_typeof(value) = 'string' AND value #>> '{}' ~ '^\d+(s|m|h|d|bd|w|mo)$'), '{}'))
$$;
CREATE FUNCTION say(method text, who text, params jsonb, files bytea[] DEFAULT NULL,
                    roles text[] DEFAULT '{reporter,owner,approver,verifier,isms_manager}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result json;
BEGIN
  EXECUTE format('SELECT api.%I($1, $2, $3, $4)', replace(method, '.', '_')) INTO result
    USING jsonb_build_object('name', who, 'roles', roles, 'act_for_others', false), who, with_spans(params), files;
  RETURN result::jsonb;
END $$;
CREATE FUNCTION do_(method text, who text, params jsonb, files bytea[] DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM say(method, who, params, files);
END $$;
CREATE FUNCTION refusal(method text, who text, params jsonb, files bytea[] DEFAULT NULL,
                        roles text[] DEFAULT '{reporter,owner,approver,verifier,isms_manager}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM say(method, who, params, files, roles);
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION state(ref text) RETURNS text LANGUAGE sql AS $$ SELECT state FROM capa.nc WHERE 'NC-' || id = ref $$;
CREATE FUNCTION facts_missing(ref text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(m ->> 'fact', ' ' ORDER BY o), '')
  FROM capa.nc, jsonb_array_elements(capa.missing(id)) WITH ORDINALITY AS x(m, o) WHERE 'NC-' || id = ref
$$;
-- The rules as loaded now, and this one beside them, so that proof by absence is possible.
CREATE FUNCTION load_rule(rule_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  body_ jsonb := coalesce((SELECT body FROM capa.loaded WHERE kind = 'rules' ORDER BY version DESC LIMIT 1), '{"rules":[]}');
BEGIN
  IF rule_ IS NULL OR capa.rules_by_id(body_) ? rule_ THEN
    RETURN;
  END IF;
  body_ := jsonb_set(body_, '{rules}', (body_ -> 'rules') || jsonb_build_object('id', rule_, 'hash', 'h-' || rule_, 'title', rule_, 'effect', 'fail', 'policy', 'default', 'growth', '[]'::jsonb));
  PERFORM api.load('rules', encode(sha256(convert_to(body_::text, 'UTF8')), 'hex'), body_, 'tests');
END $$;
-- An NC that a rule raised, as ingest does it; {"fingerprint": 64 hex digits} and so on may be given.
CREATE FUNCTION by_rule(new jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  id_ int := capa.raise_nc(jsonb_build_object('title', 'Backup of db01 failed', 'found', 'exit 1', 'grade', 'minor', 'owner', 'anna',
    'controls', '["A.8.13"]'::jsonb, 'requirement', 'A.8.13', 'triaged', true, 'source_kind', 'monitoring', 'rule', 'backup-failed',
    'grade_by_rule', 'minor', 'fingerprint', encode(sha256(convert_to(clock_timestamp()::text, 'UTF8')), 'hex')) || new, 'test');
BEGIN
  PERFORM capa.append('system');
  PERFORM load_rule(rule) FROM capa.nc WHERE id = id_;
  RETURN 'NC-' || id_;
END $$;
-- An event of an NC, observed and received now.
CREATE FUNCTION event(ref text, effect_ "char") RETURNS SETOF text LANGUAGE sql AS $$
  INSERT INTO capa.event (eventno, received, observed, nc, effect, outcome, source, type, digest, salt, body)
  VALUES (nextval('capa.eventno'), capa.now(), capa.now(), substr(ref, 4)::int, effect_, 'occurrence', 'test', 'backup.finished',
          sha256(''), sha256(''), '{}');
  SELECT NULL::text WHERE false
$$;
