-- One row per NC, one boolean per fact of its current cycle: what the guards ask for (SEMANTICS section 6, "Mechanism";
-- PRODUCT, "What each grade needs"). "Action" means kinds other than correction.
-- The window of event_silence ends when so much time was covered (capa.window_covered).
-- A verdict counts if it was given on this plan and after the last action was done; an approval if it signed this plan.
CREATE OR REPLACE VIEW capa.fact AS
SELECT n.id AS nc, n.cycle, n.grade, n.state,
  a.last_done, w.window_end,
  -- triaged
  n.triaged OR n.grade_decided AS triage,
  n.owner IS NOT NULL AS owner,
  n.requirement IS NOT NULL OR cardinality(n.controls) > 0 AS requirement,
  n.found IS NOT NULL AS statement,
  -- contained
  r.v ? 'not_applicable' OR a.corrections > 0 AS correction,
  r.v ? 'not_applicable' OR a.proved_corrections > 0 AS correction_evidence,
  r.v ? 'consequences' AS consequences,
  -- analysed
  r.v ? 'cause' AS cause,
  r.v ? 'similar' AS similar,
  r.v ? 'elsewhere' AS elsewhere,
  coalesce(jsonb_array_length(r.v -> 'similar' -> 'hits'), 0) = 0
    OR coalesce(r.v -> 'similar' -> 'hits' <@ (r.v -> 'conclusion' -> 'hits'), false) AS conclusion,
  r.v ? 'need' AS need,
  -- planned
  coalesce(r.v -> 'need' ->> 'need' = 'yes', false) AS need_yes,
  a.linked > 0 AS action,
  a.live > 0 AS action_any,
  a.live > 0 AND a.owned = a.live AS action_owner,
  a.live > 0 AND a.dated = a.live AS action_due,
  a.live > 0 AND a.expecting = a.live AS expected,
  r.v ? 'criterion' AS criterion,
  -- implementing
  coalesce(r.v -> 'approval' ->> 'hash' = h.plan, false)
    OR NOT capa.approval_needed(n.policy_version, n.policy, n.grade) AS approval,
  -- A plan that its issuer refused, or has set a date for, waits for that one.
  coalesce(CASE WHEN x.external AND r.v -> 'external_plan' ->> 'plan' = h.plan THEN r.v -> 'external_plan' ->> 'verdict' = 'accepted'
                WHEN x.external THEN NOT r.v ? 'issuer_date_plan' END, true) AS external_plan,
  -- verifying
  a.live > 0 AND a.open = 0 AS actions_ended,
  a.done > 0 AS action_done,
  a.done > 0 AND a.proved = a.done AS action_evidence,
  -- closed
  a.last_done IS NOT NULL AND NOT capa.failed_since(n.id, a.last_done) AS no_fail,
  coalesce(w.window_end <= capa.now(), false) AS window,
  CASE WHEN r.v -> 'criterion' ->> 'method' = 'pass_count'
       THEN a.last_done IS NOT NULL
            AND capa.events_since(n.id, 'p', a.last_done) >= coalesce((r.v -> 'criterion' ->> 'passes')::int, 1)
       ELSE r.v ? 'criterion' END AS passes,
  v.counts AS verdict,
  v.counts OR CASE WHEN n.grade = 'minor' AND coalesce(r.v -> 'criterion' ->> 'method' = 'pass_count', false) THEN NOT capa.flapping(n.id) ELSE false END AS verdict_or_proof,
  v.counts AS benefit,
  r.v ? 'isms' AS isms,
  r.v ? 'risk' AS risk,
  NOT x.external OR coalesce(r.v -> 'external_closing' ->> 'verdict' = 'accepted' AND r.v -> 'external_closing' ->> 'plan' = h.plan
    AND (r.v -> 'external_closing' ->> 'at')::timestamptz >= greatest(a.last_done, (r.v -> 'verdict' ->> 'at')::timestamptz), false)
    AS external_closing,
  -- closed, the short way
  coalesce(r.v -> 'need' ->> 'need' = 'no', false) AS need_no,
  NOT c.short_barred AS short_open,
  a.open = 0 AS nothing_open,
  NOT x.external AS internal
FROM capa.nc n
JOIN capa.cycle c ON c.nc = n.id AND c.no = n.cycle
CROSS JOIN LATERAL (SELECT capa.plan_hash(n.id) AS plan OFFSET 0) h
CROSS JOIN LATERAL (SELECT capa.external_finding(n) AS external) x
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_object_agg(r.fact, r.value || jsonb_build_object('at', r.at) ORDER BY r.id), '{}') AS v
  FROM capa.record r WHERE r.nc = n.id AND r.cycle = n.cycle AND r.retracted_at IS NULL) r
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE c.correction AND c.state = 'done') AS corrections,
         count(*) FILTER (WHERE c.correction AND c.state = 'done' AND (c.proved OR c.passed)) AS proved_corrections,
         count(*) FILTER (WHERE c.live AND c.kind = 'corrective' AND c.caused) AS linked,
         count(*) FILTER (WHERE c.live) AS live,
         count(*) FILTER (WHERE c.live AND c.owner IS NOT NULL) AS owned,
         count(*) FILTER (WHERE c.live AND c.due IS NOT NULL) AS dated,
         count(*) FILTER (WHERE c.live AND c.expected IS NOT NULL) AS expecting,
         count(*) FILTER (WHERE c.live AND c.state <> 'done') AS open,
         count(*) FILTER (WHERE c.live AND c.state = 'done') AS done,
         count(*) FILTER (WHERE c.live AND c.state = 'done' AND c.proved) AS proved,
         max(c.done_at) FILTER (WHERE c.live AND c.state = 'done') AS last_done
  FROM (SELECT x.*, x.kind = 'correction' AS correction, x.kind <> 'correction' AND x.state <> 'cancelled' AS live,
               EXISTS (SELECT FROM capa.evidence e WHERE e.nc = n.id AND e.action = x.id) AS proved,
               EXISTS (SELECT FROM capa.evidence e
                       WHERE e.nc = n.id AND e.cycle = n.cycle AND e.role = 'passed') AS passed,
               EXISTS (SELECT FROM capa.record k WHERE k.nc = n.id AND k.cycle = n.cycle AND k.fact = 'cause'
                         AND k.no = x.cause AND k.retracted_at IS NULL) AS caused
        FROM capa.action x WHERE x.nc = n.id AND x.cycle = n.cycle) c) a
CROSS JOIN LATERAL (
  SELECT CASE WHEN a.last_done IS NOT NULL AND r.v -> 'criterion' ? 'window'
              THEN capa.add_span(a.last_done, r.v -> 'criterion' -> 'window', capa.policy_of(n.id) -> 'calendar') END AS ends
  OFFSET 0) e
CROSS JOIN LATERAL (
  SELECT CASE WHEN e.ends IS NOT NULL AND r.v -> 'criterion' ->> 'method' = 'event_silence'
              THEN (capa.window_covered(n, a.last_done, (r.v -> 'criterion' ->> 'at')::timestamptz, e.ends)).ends
              ELSE e.ends END AS window_end
  OFFSET 0) w
CROSS JOIN LATERAL (
  SELECT coalesce(r.v -> 'verdict' ->> 'verdict' = 'effective' AND r.v -> 'verdict' ->> 'plan' = h.plan
                  AND (r.v -> 'verdict' ->> 'at')::timestamptz >= a.last_done, false) AS counts) v;
