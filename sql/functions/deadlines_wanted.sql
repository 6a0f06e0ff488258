-- Which deadlines the facts of an NC ask for now, in its current cycle, and in which status each should be:
-- open, met or void; null where nothing is to be changed (accepted: dates stay). Pure reading; capa.deadlines_follow
-- makes the rows agree. `due` of phases and verify is what the policy gives for the present grade.
--   phases        from aware_at, in a later cycle from what began it; none before the cycle's base
--   action        of each action with a due date
--   window        from the last action done, while verifying, of event_silence over covered time; verify follows at its end
--   confirmation  30 days for a second person to confirm a short closing
-- and those of capa.deadlines_beside.
CREATE OR REPLACE FUNCTION capa.deadlines_wanted(n capa.nc, policy jsonb, at timestamptz)
RETURNS TABLE (kind text, action int, follow_up int, label text, started_at timestamptz, due timestamptz, exact boolean, status text, met_at timestamptz)
LANGUAGE sql STABLE AS $$
  WITH cycle AS (
    SELECT c.*, CASE WHEN c.no = 1 THEN n.aware_at ELSE c.began_at END AS from_
    FROM capa.cycle c WHERE c.nc = n.id AND c.no = n.cycle
  ), duration AS (
    SELECT key, value AS span FROM jsonb_each(policy -> 'durations' -> n.grade) WHERE jsonb_typeof(value) = 'object'
  ), done AS (
    SELECT max(a.done_at) AS last FROM capa.action a
    WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state = 'done'
  ), window_ AS (
    SELECT done.last AS since, span.span,
           CASE WHEN criterion.method = 'event_silence'
                THEN (capa.window_covered(n, done.last, criterion.at, calendar.ends)).ends ELSE calendar.ends END AS ends
    FROM done LEFT JOIN duration ON duration.key = 'window'
    LEFT JOIN LATERAL (SELECT nullif(r.value -> 'window', 'null') AS span, r.value ->> 'method' AS method, r.at FROM capa.record r
      WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'criterion' AND r.retracted_at IS NULL
      ORDER BY r.id DESC LIMIT 1) criterion ON true
    CROSS JOIN LATERAL (SELECT coalesce(criterion.span, duration.span) AS span) span
    CROSS JOIN LATERAL (SELECT capa.add_span(done.last, span.span, policy -> 'calendar') AS ends OFFSET 0) calendar
    WHERE done.last IS NOT NULL AND n.state IN ('verifying', 'closed')
  )
  SELECT p.kind, NULL::int, NULL::int, NULL::text, c.from_, capa.add_span(c.from_, d.span, policy -> 'calendar'), capa.span_is_exact(d.span),
         CASE WHEN n.state IN ('rejected', 'merged') THEN 'void'
              WHEN n.state = 'accepted' THEN NULL
              WHEN n.state = 'closed' AND p.kind IN ('plan', 'act') AND done.last IS NULL THEN 'void'
              WHEN capa.phase_rank(n.state) >= capa.phase_rank(p.kind) THEN 'met'
              ELSE 'open' END,
         at
  FROM cycle c CROSS JOIN done CROSS JOIN unnest(ARRAY['triage', 'contain', 'plan', 'act']) AS p(kind)
  LEFT JOIN duration d ON d.key = p.kind
  WHERE capa.phase_rank(p.kind) > capa.phase_rank(c.base)
  UNION ALL
  SELECT 'action', a.id, NULL, NULL, a.added_at, a.due,
         capa.due_is_exact(a.due, policy -> 'calendar'),
         CASE WHEN a.state = 'done' THEN 'met'
              WHEN a.state = 'cancelled' OR n.state IN ('rejected', 'merged') THEN 'void' ELSE 'open' END,
         a.done_at
  FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.due IS NOT NULL
  UNION ALL
  SELECT 'window', NULL, NULL, NULL, w.since, w.ends, capa.span_is_exact(w.span),
         CASE WHEN w.ends <= at OR n.state = 'closed' THEN 'met' ELSE 'open' END, least(w.ends, at)
  FROM window_ w WHERE w.span IS NOT NULL
  UNION ALL
  SELECT 'verify', NULL, NULL, NULL, w.ends, capa.add_span(w.ends, d.span, policy -> 'calendar'), capa.span_is_exact(d.span),
         CASE WHEN n.state = 'closed' OR verdict.given IS NOT NULL THEN 'met' ELSE 'open' END, coalesce(verdict.given, at)
  FROM window_ w JOIN duration d ON d.key = 'verify'
  LEFT JOIN LATERAL (SELECT max(r.at) AS given FROM capa.record r
    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'verdict' AND r.retracted_at IS NULL) verdict ON true
  WHERE w.span IS NOT NULL
  UNION ALL
  SELECT 'confirmation', NULL, NULL, NULL, r.opened_at,
         capa.add_span(r.opened_at, coalesce(d.span, '{"d":30}'), policy -> 'calendar'),
         capa.span_is_exact(coalesce(d.span, '{"d":30}')),
         CASE r.state WHEN 'open' THEN 'open' WHEN 'void' THEN 'void' ELSE 'met' END, r.decided_at
  FROM capa.request r LEFT JOIN duration d ON d.key = 'confirmation'
  WHERE r.nc = n.id AND r.cycle = n.cycle AND r.kind = 'short_closing'
  UNION ALL
  SELECT b.kind, NULL, b.follow_up, b.label, b.started_at, b.due, b.exact, b.status, b.met_at
  FROM capa.deadlines_beside(n, policy) b
$$;
