-- A deadline that an NC did not have yet. A phase that only a raised grade asks for (first_ is false: the cycle has
-- deadlines already) gives a quarter of its duration from now at least. An action's original date is the action's
-- own: one that replaces another inherits it. A statutory clock is urgent whatever the grade. Born met (an NC raised as triaged): no step.
CREATE OR REPLACE FUNCTION capa.deadline_make(n capa.nc, kind_ text, action_ int, started timestamptz, due_ timestamptz,
                                              exact_ boolean, open_ boolean, first_ boolean, at timestamptz, policy jsonb)
RETURNS capa.deadline LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
BEGIN
  d.id := nextval('capa.deadline_no');
  d.nc := n.id;
  d.cycle := n.cycle;
  d.kind := kind_;
  d.action := action_;
  d.started_at := started;
  d.due := due_;
  IF capa.phase_rank(kind_) IS NOT NULL AND NOT first_ THEN
    d.due := greatest(due_, at + make_interval(secs => extract(epoch FROM due_ - started)::float8 / 4));
  END IF;
  d.due_original := coalesce((SELECT a.due_original FROM capa.action a WHERE a.id = action_), d.due);
  d.exact := exact_;
  d.grade := CASE kind_ WHEN 'clock' THEN 'critical' ELSE n.grade END;
  d.set_at := at;
  d.extensions := 0;
  d.tightened := false;
  d.late := false;
  d.steps := '[]';
  IF open_ AND kind_ <> 'window' THEN
    d.steps := capa.plan_steps(started, d.due, at, exact_, policy -> 'ladder' -> d.grade, policy -> 'calendar');
  END IF;
  RETURN d;
END $$;
