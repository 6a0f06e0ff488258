-- What came of the session's replay, beside the live register (capa.replay_compare): lists of at most 1,000 each, their lengths, totals, and the same
-- by rule. judged: what the caller of the replay counted and found, put into the answer as it is; "cut": it did
-- not come to the end.
CREATE OR REPLACE FUNCTION api.replay_result(principal jsonb, actor text, judged jsonb) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET client_min_messages = warning SET jit = off AS $$
DECLARE
  p record;
  lists jsonb;
  counts jsonb;
  rules jsonb;
BEGIN
  IF NOT coalesce((judged ->> 'cut')::boolean, false) THEN
    PERFORM pg_temp.move(r.upto) FROM pg_temp.replay r;
  END IF;
  SELECT * INTO STRICT p FROM pg_temp.replay;
  CREATE TEMPORARY TABLE compared AS
    SELECT c.*, coalesce(s.rule, l.rule) AS rule, c.list IN ('same', 'known') AND NOT c.storm AND l.grade_decided IS NOT TRUE AND s.grade <> l.grade AS regraded,
           row_number() OVER (PARTITION BY c.list ORDER BY c.live, c.shadow) AS place
    FROM capa.replay_compare(capa.hidden_ncs(principal, actor)) c LEFT JOIN pg_temp.nc s ON s.id = c.shadow LEFT JOIN capa.nc l ON l.id = c.live;
  SELECT jsonb_object_agg(k.list, x.items) || jsonb_object_agg('n_' || k.list, x.n) INTO lists
  FROM unnest(ARRAY['more', 'gone', 'same', 'known', 'regraded']) AS k(list)
  CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(jsonb_agg(capa.replay_item(c.shadow, c.live, c.storm, c.what) ORDER BY c.place) FILTER (WHERE c.place <= 1000), '[]') AS items
                      FROM pg_temp.compared c WHERE CASE k.list WHEN 'regraded' THEN c.regraded ELSE c.list = k.list END) x;
  counts := capa.replay_counts(p.since, p.first);
  SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.rule), '[]') INTO rules FROM (
    SELECT coalesce(c.rule, h.rule) AS rule, coalesce(c.more, 0) AS more, coalesce(c.gone, 0) AS gone, coalesce(c.same, 0) AS same, coalesce(c.known, 0) AS known,
      coalesce(c.regraded, 0) AS regraded, coalesce(h.counted, 0) AS counted, coalesce(h.suppressed, 0) AS suppressed
    FROM (SELECT x.rule, count(*) FILTER (WHERE list = 'more') AS more, count(*) FILTER (WHERE list = 'gone') AS gone, count(*) FILTER (WHERE list = 'same') AS same,
            count(*) FILTER (WHERE list = 'known') AS known, count(*) FILTER (WHERE x.regraded) AS regraded FROM pg_temp.compared x GROUP BY x.rule) c
    FULL JOIN capa.replay_held(p.since) h ON h.rule = c.rule) r;
  DROP TABLE pg_temp.compared;
  RETURN jsonb_build_object('ok', true, 'since', capa.rfc3339(p.since), 'from', capa.rfc3339(p.from_at), 'until', capa.rfc3339(p.at)) || judged || counts
         || lists || jsonb_build_object('rules', rules);
END $$;
