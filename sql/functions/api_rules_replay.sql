-- One page of what the daemon judges once more for rules.replay: events and ignored messages received since a moment (default 24h), as frames, in the
-- order of their receipt; `after` is `next` of the page before, null at the end. The first page also has `live`: the fingerprints of all NCs that were
-- open then or raised since, and of what storms took. A page has 500 events and about 8 MiB at most, but always one.
CREATE OR REPLACE FUNCTION api.rules_replay(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  since_ timestamptz := coalesce(capa.param_moment(params, 'since', capa.policy_default() -> 'calendar', true), capa.now() - interval '24 hours');
  hidden int[] := capa.hidden_ncs(principal, actor);
  after_ text[] := regexp_match(params ->> 'after', '^([0-9]{1,18}) ([0-9]{1,18}) (.{20,40})$');
  from_no bigint;
  at_ timestamptz := since_;
  last_no bigint;
  last_at timestamptz;
  events json;
BEGIN
  PERFORM capa.check_call('rules.replay', principal, params);
  IF params ->> 'after' IS NOT NULL AND after_ IS NULL THEN
    PERFORM capa.fail('invalid', '"after" is "next" of the page before.');
  ELSIF after_ IS NOT NULL THEN
    from_no := after_[1]::bigint;
    at_ := capa.at_us(after_[2]::bigint);
    since_ := after_[3]::timestamptz;
  ELSE
    from_no := capa.eventno_at(since_);
  END IF;
  WITH next AS MATERIALIZED (
    SELECT e.eventno, e.received, e.adapter, e.body, e.nc, sum(octet_length(e.body)) OVER (ORDER BY e.eventno) AS bytes
    FROM capa.event e WHERE e.eventno > from_no AND e.received >= since_ AND e.body IS NOT NULL ORDER BY e.eventno LIMIT 500),
  stored AS MATERIALIZED (SELECT * FROM next n WHERE n.bytes <= 8388608 OR n.eventno = (SELECT min(eventno) FROM next)),
  aside AS MATERIALIZED (
    SELECT i.received, i.adapter, i.body FROM capa.ignored i
    WHERE i.received > at_ AND i.received <= coalesce((SELECT max(received) FROM stored), 'infinity') ORDER BY i.received FETCH FIRST 500 ROWS WITH TIES),
  both_ AS (
    SELECT s.received, s.eventno, s.adapter, s.body, s.nc FROM stored s
    WHERE (SELECT count(*) FROM aside) < 500 OR s.received <= (SELECT max(received) FROM aside)
    UNION ALL SELECT a.received, NULL, a.adapter, convert_from(a.body, 'UTF8'), NULL FROM aside a)
  SELECT max(b.eventno), max(b.received),
    json_agg(json_build_object('no', b.eventno, 'at', capa.rfc3339(b.received), 'adapter', coalesce(b.adapter, ''), 'body', b.body) ORDER BY b.received, b.eventno)
      FILTER (WHERE NOT coalesce(b.nc = ANY (hidden), false))
  INTO last_no, last_at, events FROM both_ b;
  RETURN json_build_object('since', capa.rfc3339(since_), 'events', coalesce(events, '[]'),
    'next', CASE WHEN last_at IS NOT NULL THEN concat_ws(' ', coalesce(last_no, from_no), capa.us_of(last_at), capa.rfc3339(since_)) END,
    'live', CASE WHEN after_ IS NULL THEN (
      SELECT coalesce(json_agg(json_build_object('ref', 'NC-' || l.id, 'fp', l.fp, 'rule', l.rule, 'title', l.title, 'raised', l.raised_at >= since_)), '[]')
      FROM (SELECT n.id, encode(n.fingerprint, 'hex') AS fp, n.rule, n.title, n.raised_at FROM capa.nc n
            WHERE n.fingerprint IS NOT NULL AND n.rule IS NOT NULL AND n.fingerprint <> decode(capa.storm_fingerprint(n.rule), 'hex')
              AND (n.raised_at >= since_ OR NOT capa.has_left(n.state) OR n.closed_at >= since_ OR n.suppressed_until >= since_)
            UNION ALL SELECT o.nc, o.fingerprint, o.rule, o.title, o.at FROM capa.overflow o WHERE o.at >= since_) l
      WHERE NOT l.id = ANY (hidden)) END);
END $$;
