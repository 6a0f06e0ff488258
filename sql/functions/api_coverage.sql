-- Event types, by source, that no rule knows: what reaches capad and is not looked at. since: heard at or after it. One row for
-- each source and type, the most frequent first (at most 1,000); `known` says that other events of that type do match. With `what` fields or
-- drift: fields that no rule looks at, and paths of rules that are there no more (capa.coverage_fields); with `refused` what the quarantine
-- keeps, by sender and verdict, with the newest reason.
CREATE OR REPLACE FUNCTION api.coverage(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  since_ timestamptz := capa.param_moment(params, 'since', capa.policy_default() -> 'calendar', true);
BEGIN
  PERFORM capa.check_call('coverage', principal, params);
  IF capa.param_choice(params, 'what', '{types,fields,drift,refused}') IN ('fields', 'drift') THEN
    RETURN capa.coverage_fields(lower(params ->> 'what') = 'drift');
  ELSIF lower(params ->> 'what') = 'refused' THEN
    RETURN (SELECT coalesce(json_agg(json_build_object('adapter', c.adapter, 'source', c.source, 'type', c.type, 'status', c.status,
              'events', c.n, 'last_seen', capa.rfc3339(c.last_at), 'reason', c.reason) ORDER BY c.n DESC, c.last_at DESC), '[]')
            FROM (SELECT q.adapter, q.source, q.type, q.status, count(*) AS n, max(q.received) AS last_at,
                         (array_agg(left(q.reason, 300) ORDER BY q.received DESC))[1] AS reason
                  FROM capa.quarantine q WHERE q.received >= coalesce(since_, '-infinity')
                  GROUP BY q.adapter, q.source, q.type, q.status ORDER BY 5 DESC LIMIT 1000) c);
  END IF;
  RETURN (SELECT coalesce(json_agg(json_build_object(
            'source', c.source, 'type', c.type, 'events', c.n, 'first_seen', capa.rfc3339(c.first_at),
            'last_seen', capa.rfc3339(c.last_at), 'known', c.known) ORDER BY c.n DESC, c.source, c.type), '[]')
          FROM (SELECT h.source, h.type, sum(h.n) FILTER (WHERE h.status = 'ignored') AS n,
                       min(h.first_at) FILTER (WHERE h.status = 'ignored') AS first_at,
                       max(h.last_at) FILTER (WHERE h.status = 'ignored') AS last_at,
                       bool_or(h.status = 'stored') AS known
                FROM capa.heard h GROUP BY h.source, h.type
                HAVING max(h.last_at) FILTER (WHERE h.status = 'ignored') >= coalesce(since_, '-infinity')
                ORDER BY 3 DESC LIMIT 1000) c);
END $$;
