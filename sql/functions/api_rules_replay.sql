-- Begins a replay in this session: a register of its own in the session's temporary schema, as the journal had it a lead time before `since`
-- (capa.replay_lead), with the rules to be tried ("rules": their description and hash as for api.load; without them those in force). The daemon
-- then plays the events (api.replay_page, _ingest, _tick) and asks what came of it (api.replay_result), all on one connection, whose end is the end
-- of it: nothing of it is seen by anybody else, and nothing of the register is locked or changed. "holds": false leaves out that rules were held.
-- Returns {"since","from","since_us","upto_us","next" (µs, when a tick is due),"warnings"}.
CREATE OR REPLACE FUNCTION api.rules_replay(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET client_min_messages = warning SET jit = off AS $$
DECLARE
  upto_ timestamptz := capa.now();
  since_ timestamptz;
  from_ timestamptz := (SELECT min(l.at) FROM capa.loaded l WHERE l.kind = 'rules');
  rules_ jsonb := params -> 'rules';
  first_ bigint;
  refused text;
BEGIN
  PERFORM capa.check_call('rules.replay', principal, params);
  since_ := coalesce(capa.param_moment(params, 'since', capa.policy_default() -> 'calendar', true), upto_ - interval '24 hours');
  IF to_regclass('pg_temp.replay') IS NOT NULL THEN
    PERFORM capa.fail('conflict', 'This session holds a replay already.', NULL, 'Begin each replay in a session of its own, or DISCARD TEMP.');
  ELSIF from_ IS NULL THEN
    PERFORM capa.fail('refused', 'No rules were ever loaded, so nothing can be replayed.', NULL, 'Load rules first: start capad, or send it SIGHUP.');
  ELSIF since_ > upto_ THEN
    PERFORM capa.fail('invalid', format('%s is still to come: "since" is a moment of the past.', capa.rfc3339(since_)));
  END IF;
  LOCK TABLE capa.event, capa.event_nc IN ACCESS SHARE MODE; -- as in api.replay_page
  rules_ := coalesce(rules_, (SELECT jsonb_build_object('sha256', l.sha256, 'body', l.body) FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1));
  from_ := greatest(from_, since_ - capa.replay_lead(rules_ -> 'body'));
  first_ := greatest(capa.eventno_at(from_), (SELECT max(e.eventno) FROM capa.event e WHERE e.received < from_));
  PERFORM capa.replay_tables(from_);
  PERFORM capa.replay_functions();
  INSERT INTO pg_temp.replay VALUES (from_, since_, upto_, from_, first_, coalesce((params ->> 'holds')::boolean, true), -1);
  PERFORM capa.replay_seed(from_, first_);
  PERFORM pg_temp.stage();
  PERFORM pg_temp.move(from_);
  refused := pg_temp.load(rules_ ->> 'sha256', rules_ -> 'body');
  RETURN json_build_object('since', capa.rfc3339(since_), 'from', capa.rfc3339(from_), 'since_us', capa.us_of(since_),
    'upto_us', capa.us_of(upto_), 'next', capa.us_of(pg_temp.next(true)),
    'warnings', CASE WHEN refused IS NULL THEN '[]'::json ELSE json_build_array(refused) END);
END $$;
