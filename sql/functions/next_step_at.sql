-- When a deadline next has something to do, for deadline.next_at: its earliest step that may fire; of a window, its
-- end; of an acceptance or a follow-up's period also its due date, when something becomes of it; of a period whose date passed undecided
-- (a tick does only so many) that date. Whether it runs at all (met, void, not the running phase) is the caller's to know.
CREATE OR REPLACE FUNCTION capa.next_step_at(d capa.deadline, policy jsonb, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN d.kind = 'window' THEN d.due
              WHEN d.kind = 'follow_up' AND d.due <= at AND EXISTS (SELECT FROM capa.follow_up f JOIN capa.follow_up_period p ON p.follow_up = f.id
                     WHERE f.id = d.follow_up AND f.state = 'running' AND p.outcome IS NULL AND p.due = d.due) THEN d.due
              WHEN d.kind IN ('acceptance', 'follow_up') AND d.due > at
              THEN least(d.due, (SELECT min(p.fire_at) FROM capa.steps_pending(d, policy, at) p))
              ELSE (SELECT min(p.fire_at) FROM capa.steps_pending(d, policy, at) p) END
$$;
