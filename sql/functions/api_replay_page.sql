-- One page of what a replay plays: events and ignored messages as frames, in the order of their receipt; `after` is `next` of the page before, null at
-- the end. Not what capad itself sent (missed expectations, what a silence held back): the replay comes to its own. Not what nobody may read whom the
-- replay is for. A page has 500 events and about 8 MiB of each at most, but always one, and all that were ignored at one moment. {"events":[{"at" (µs),"adapter","body"}],"next"}
CREATE OR REPLACE FUNCTION api.replay_page(principal jsonb, actor text, after text) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  hidden int[] := capa.hidden_ncs(principal, actor);
  after_ text[] := string_to_array(after, ' ');
  p record;
  from_no bigint;
  at_ timestamptz;
  last_no bigint;
  last_at timestamptz;
  events json;
BEGIN
  -- A statement that has begun and then waits for a partition being made would not see what was moved into it.
  LOCK TABLE capa.event, capa.ignored IN ACCESS SHARE MODE;
  SELECT * INTO STRICT p FROM pg_temp.replay;
  from_no := coalesce(after_[1]::bigint, p.first);
  at_ := coalesce(capa.at_us(after_[2]::bigint), p.from_at);
  WITH next AS MATERIALIZED (
    SELECT e.eventno, e.received, e.adapter, e.body, e.nc, sum(octet_length(e.body)) OVER (ORDER BY e.eventno) AS bytes
    FROM capa.event e WHERE e.eventno > from_no AND e.received >= p.from_at AND e.received <= p.upto AND e.body IS NOT NULL
      AND NOT (e.source = 'capad' AND e.type = 'org.capad.expectation.missed.v1') AND NOT EXISTS (SELECT FROM pg_temp.again g WHERE g.eventno = e.eventno)
    ORDER BY e.eventno LIMIT 500),
  stored AS MATERIALIZED (SELECT * FROM next n WHERE n.bytes <= 8388608 OR n.eventno = (SELECT min(eventno) FROM next)),
  near AS MATERIALIZED (
    SELECT i.received, i.adapter, i.body, sum(octet_length(i.body)) OVER (ORDER BY i.received) AS bytes FROM capa.ignored i
    WHERE i.received > at_ AND i.received <= coalesce((SELECT max(received) FROM stored), p.upto) ORDER BY i.received FETCH FIRST 500 ROWS WITH TIES),
  aside AS MATERIALIZED (SELECT * FROM near n WHERE n.bytes <= 8388608 OR n.received = (SELECT min(received) FROM near)),
  both_ AS (
    SELECT s.received, s.eventno, s.adapter, s.body, s.nc FROM stored s
    WHERE (SELECT count(*) FROM near) < 500 AND (SELECT count(*) FROM near) = (SELECT count(*) FROM aside) OR s.received <= (SELECT max(received) FROM aside)
    UNION ALL SELECT a.received, NULL, a.adapter, convert_from(a.body, 'UTF8'), NULL FROM aside a)
  SELECT max(b.eventno), max(b.received),
    json_agg(json_build_object('at', capa.us_of(b.received), 'adapter', coalesce(b.adapter, ''), 'body', b.body) ORDER BY b.received, b.eventno)
      FILTER (WHERE NOT coalesce(b.nc = ANY (hidden), false))
  INTO last_no, last_at, events FROM both_ b;
  RETURN json_build_object('events', coalesce(events, '[]'),
    'next', CASE WHEN last_at IS NOT NULL THEN concat_ws(' ', coalesce(last_no, from_no), capa.us_of(last_at)) END);
END $$;
