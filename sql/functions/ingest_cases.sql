-- For each case of a batch what its events do if they change nothing (quiet), and whether they change nothing. Reads only,
-- locks nothing: called once to decide the way, and again under the turn, when nothing can move any more.
-- A fingerprint that both fails and passes in one batch is never quiet, nor is one without an NC that fails.
-- LIMIT 1 keeps look-ups by index: a join could read all rules or all NCs, and would where it was planned while there were few.
CREATE OR REPLACE FUNCTION capa.ingest_cases(meta jsonb, received timestamptz)
RETURNS TABLE (no int, nc int, outcome text, quiet boolean) LANGUAGE sql STABLE AS $$
  WITH case_ AS MATERIALIZED (
    SELECT (c.place - 1)::int AS no, c.fp, c.effect, c.grade, c.step, c.grows, c.subject, r.id AS rule, r.hash, r.growth, r.windows,
           CASE WHEN n.state = 'merged' THEN capa.nc_for(n.fingerprint) ELSE n.id END AS nc,
           bool_or(c.effect = 'fail') OVER f AND bool_or(c.effect = 'pass') OVER f AS mixed
    FROM ROWS FROM (jsonb_to_recordset(meta -> 'cases') AS (rule int, effect text, fp text, grade text, step int, grows boolean, subject text))
           WITH ORDINALITY AS c(rule, effect, fp, grade, step, grows, subject, place)
    LEFT JOIN LATERAL (SELECT * FROM capa.rule x WHERE x.ruleset = meta ->> 'ruleset' AND x.no = c.rule LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT * FROM capa.nc x WHERE x.fingerprint = decode(c.fp, 'hex')
                       ORDER BY capa.has_left(x.state), x.id DESC LIMIT 1) n ON true
    WINDOW f AS (PARTITION BY c.fp)),
  muting AS MATERIALIZED (SELECT capa.muting(received) AS rules)
  SELECT c.no, CASE WHEN c.effect = 'begin' OR c.effect = 'pass' AND NOT n.tells THEN NULL ELSE n.id END,
         CASE WHEN c.effect = 'begin' THEN 'counted'
              WHEN n.id IS NULL THEN 'none'
              WHEN c.effect = 'pass' THEN CASE WHEN n.tells THEN 'evidence' ELSE 'none' END
              WHEN n.state = 'rejected' THEN 'suppressed' ELSE 'occurrence' END,
         CASE WHEN c.effect = 'begin' OR c.step IS NOT NULL OR c.grows OR c.subject IS NOT NULL AND capa.expectation_lacks(c.rule, decode(c.fp, 'hex'), c.windows) THEN false
              WHEN c.mixed OR (SELECT true FROM capa.follow_up_hearing h WHERE h.fingerprint = decode(c.fp, 'hex')
                   AND h.fails = (c.effect = 'fail') AND h.from_at <= received LIMIT 1) THEN false
              WHEN c.effect = 'fail' AND (SELECT rules FROM muting) && ARRAY[c.rule, '*'] THEN false
              WHEN c.effect = 'pass' AND EXISTS (SELECT FROM capa.muted m WHERE m.fingerprint = decode(c.fp, 'hex') AND NOT m.looked) THEN false
              WHEN n.id IS NULL AND (SELECT meta @? '$.cases[*].was') AND capa.was_known(meta -> 'cases' -> c.no -> 'was') THEN false
              WHEN c.effect = 'pass' THEN
                n.id IS NULL OR NOT n.tells OR n.state = 'closed' OR NOT capa.pass_proves(n.id)
              WHEN n.id IS NULL OR n.state IN ('closed', 'verifying') THEN false
              WHEN n.state = 'rejected' THEN coalesce(n.suppressed_until > received AND n.rule_hash = c.hash, false)
              WHEN n.state = 'accepted' AND capa.grade_rank(c.grade) > capa.grade_rank(n.accepted_grade) THEN false
              WHEN capa.grade_rank(c.grade) > coalesce(capa.grade_rank(n.grade_by_rule), -1) THEN false
              WHEN c.growth IS NULL OR n.grade_by_rule = 'critical' THEN true
              ELSE capa.grown_grade(n.id, c.growth, received, (meta ->> 'count')::int, n.grade_by_rule) IS NULL
         END
  FROM case_ c
  LEFT JOIN LATERAL (SELECT x.*, capa.pass_tells(x, decode(c.fp, 'hex')) AS tells FROM capa.nc x WHERE x.id = c.nc LIMIT 1) n ON true
$$;
