-- What a replay's register came to beside what the live one did, one row for each fingerprint that failed since the replay's moment: the nonconformity
-- here (shadow), its live twin (live), and which list of the answer it is for:
--   more     would be raised, reopened or recur, and did not
--   gone     was raised, reopened or recurred, and would not be
--   same     both
--   known    fails of what either register had before
-- storm: in one of both it is not a nonconformity of its own but what a storm took. What a person split off or raised is no rule's doing.
CREATE OR REPLACE FUNCTION capa.replay_compare(hidden int[])
RETURNS TABLE (list text, shadow int, live int, storm boolean, what text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH p AS MATERIALIZED (SELECT * FROM pg_temp.replay),
  shadow_begun AS MATERIALIZED (
    SELECT DISTINCT ON (n.fingerprint) n.fingerprint, capa.replay_word(c.begun_by, b.ended_as) AS what
    FROM p JOIN pg_temp.cycle c ON c.began_at >= p.since JOIN pg_temp.nc n ON n.id = c.nc LEFT JOIN pg_temp.cycle b ON b.nc = c.nc AND b.no = c.no - 1
    WHERE n.fingerprint IS NOT NULL AND (c.begun_by = 'event' OR c.begun_by = 'raise' AND n.raised_by LIKE 'rule %') ORDER BY n.fingerprint, c.began_at),
  live_begun AS MATERIALIZED (
    SELECT DISTINCT ON (n.fingerprint) n.fingerprint, capa.replay_word(c.begun_by, b.ended_as) AS what
    FROM p JOIN capa.cycle c ON c.began_at >= p.since AND c.began_at <= p.at JOIN capa.nc n ON n.id = c.nc LEFT JOIN capa.cycle b ON b.nc = c.nc AND b.no = c.no - 1
    WHERE n.fingerprint IS NOT NULL AND (c.begun_by = 'event' OR c.begun_by = 'raise' AND n.raised_by LIKE 'rule %') ORDER BY n.fingerprint, c.began_at),
  failed AS MATERIALIZED (
    SELECT DISTINCT n.fingerprint FROM p JOIN pg_temp.nc_event e ON e.received >= p.since AND e.effect = 'f' JOIN pg_temp.nc n ON n.id = e.nc
    WHERE n.fingerprint IS NOT NULL AND n.rule IS NOT NULL),
  each AS (
    SELECT f.fingerprint, s.what AS shadow_what, l.what AS live_what,
           (SELECT max(n.id) FROM pg_temp.nc n WHERE n.fingerprint = f.fingerprint) AS shadow,
           (SELECT max(n.id) FROM capa.nc n WHERE n.fingerprint = f.fingerprint AND n.raised_at <= (SELECT at FROM p)) AS live,
           (SELECT o.nc FROM pg_temp.overflow o WHERE o.fingerprint = encode(f.fingerprint, 'hex')) AS shadow_storm,
           (SELECT o.nc FROM capa.overflow o WHERE o.fingerprint = encode(f.fingerprint, 'hex') AND o.at <= (SELECT at FROM p)) AS live_storm
    FROM (SELECT fingerprint FROM shadow_begun UNION SELECT fingerprint FROM live_begun UNION SELECT fingerprint FROM failed) f
    LEFT JOIN shadow_begun s USING (fingerprint) LEFT JOIN live_begun l USING (fingerprint))
  SELECT CASE WHEN e.shadow_what IS NOT NULL AND e.live_what IS NOT NULL THEN 'same' WHEN e.shadow_what IS NOT NULL THEN 'more'
              WHEN e.live_what IS NOT NULL AND e.shadow IS NULL THEN 'gone'
              WHEN e.live_what IS NOT NULL AND (SELECT n.state IN ('closed', 'rejected') FROM pg_temp.nc n WHERE n.id = e.shadow) THEN 'gone'
              ELSE 'known' END,
         e.shadow, coalesce(e.live, e.live_storm), e.shadow IS NULL AND e.shadow_storm IS NOT NULL OR e.live IS NULL AND e.live_storm IS NOT NULL,
         coalesce(e.shadow_what, e.live_what)
  FROM each e WHERE NOT coalesce(coalesce(e.live, e.live_storm) = ANY (hidden), false) AND NOT coalesce(e.shadow = ANY (hidden), false);
END $$;
