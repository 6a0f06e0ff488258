-- What a deadline's ladder still has to say under its present due value: per step the first of its keys (step,
-- n) that is neither fired nor covered, when it is planned and when it may fire, with n_last the newest repeat
-- planned not after `until`. Firing waits for working hours where the step says so; a repeat also waits until the
-- last acknowledgement of its step has expired (SEMANTICS section 7, 6 and PRODUCT "Escalation").
CREATE OR REPLACE FUNCTION capa.steps_pending(d capa.deadline, policy jsonb, until timestamptz)
RETURNS TABLE (step jsonb, no int, n bigint, n_last bigint, planned_at timestamptz, fire_at timestamptz, muted boolean)
LANGUAGE sql STABLE AS $$
  WITH said AS (
    SELECT e.step AS no, max(e.n) AS n, max(e.acked_until) AS acked_until
    FROM capa.escalation e WHERE e.deadline = d.id AND e.due = d.due GROUP BY e.step
  ), next AS (
    SELECT s.step, (s.step ->> 'step')::int AS no, said.acked_until,
           greatest(coalesce(said.n + 1, 0), coalesce((s.step ->> 'from')::bigint, 0)) AS n
    FROM jsonb_array_elements(d.steps) AS s(step) LEFT JOIN said ON said.no = (s.step ->> 'step')::int
  ), moment AS (
    SELECT next.*, capa.step_moment(next.step, next.n, policy -> 'calendar') AS planned_at,
           CASE WHEN next.n > 0 THEN next.acked_until END AS mute
    FROM next WHERE next.n = 0 OR next.step ? 'repeat'
  )
  SELECT m.step, m.no, m.n,
         CASE WHEN m.planned_at <= until
              THEN greatest(m.n, capa.step_repeats(m.step, until, policy -> 'calendar')) ELSE m.n - 1 END,
         m.planned_at,
         capa.fire_time(greatest(m.planned_at, m.mute, capa.hushed_until(d, until)), until, policy -> 'calendars' -> (m.step ->> 'hours')),
         coalesce(m.mute > until, false)
  FROM moment m
$$;
