-- Makes an NC's deadlines agree with its state, grade, actions and requests: makes, meets, voids, opens again,
-- tightens (SEMANTICS section 7). Level-triggered: called by capa.advance, it may be called at any time and
-- any number of times. The caller holds the NC's row. What changed is told as deadline.changed.
CREATE OR REPLACE FUNCTION capa.deadlines_follow(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  policy jsonb := capa.policy_of(nc_);
  at timestamptz := capa.now();
  old capa.deadline[];
  new capa.deadline[];
  d capa.deadline;
  w record;
  i int;
  first boolean;
  kept int[] := '{}';
  beside text[] := ARRAY['acceptance', 'follow_up', 'external', 'clock'];
BEGIN
  SELECT * INTO n FROM capa.nc WHERE id = nc_;
  IF NOT FOUND OR policy IS NULL THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(l ORDER BY l.id), '{}'), coalesce(bool_and(l.cycle <> n.cycle OR l.kind = ANY (beside)), true) INTO old, first
    FROM (SELECT * FROM capa.deadline x WHERE x.nc = nc_ ORDER BY x.id FOR UPDATE) l;
  new := old;
  FOR w IN SELECT * FROM capa.deadlines_wanted(n, policy, at) LOOP
    SELECT g.i INTO i FROM generate_subscripts(new, 1) AS g(i)
      WHERE ((new[g.i]).cycle = n.cycle OR w.kind = ANY (beside)) AND (new[g.i]).kind = w.kind
        AND (new[g.i]).action IS NOT DISTINCT FROM w.action AND (new[g.i]).follow_up IS NOT DISTINCT FROM w.follow_up
        AND (new[g.i]).label IS NOT DISTINCT FROM w.label
        AND (w.kind IN ('triage', 'contain', 'plan', 'act', 'action') OR (new[g.i]).started_at = w.started_at
             OR (w.kind = 'verify' AND w.status = 'open' AND (new[g.i]).met_at IS NULL AND (new[g.i]).void_at IS NULL))
      ORDER BY (new[g.i]).started_at = w.started_at DESC LIMIT 1;
    IF i IS NULL THEN
      CONTINUE WHEN w.due IS NULL OR w.status IS NULL OR w.status = 'void'
        OR (w.status = 'met' AND (w.kind IN ('window', 'verify', 'confirmation') OR w.kind = ANY (beside)));
      d := capa.deadline_make(n, w.kind, w.action, w.started_at, w.due, w.exact, w.status = 'open', first, at,
                              policy);
      d.follow_up := w.follow_up;
      d.label := w.label;
      i := coalesce(array_length(new, 1), 0) + 1;
    ELSE
      d := new[i];
      IF w.kind = 'verify' AND w.started_at <> d.started_at THEN
        -- The window in front of it moved. One that was extended keeps its longer date.
        d.started_at := w.started_at;
        d := capa.deadline_move(d, greatest(w.due, CASE WHEN d.extensions > 0 THEN d.due END), w.exact, at, policy);
      ELSIF (w.kind IN ('action', 'window') OR w.kind = ANY (beside)) AND w.status = 'open' AND w.due <> d.due THEN
        d := capa.deadline_move(d, w.due, w.exact, at, policy);
      ELSIF w.status = 'open' AND capa.phase_rank(w.kind) IS NOT NULL THEN
        d := capa.deadline_tightened(d, n.grade, w.due, w.exact, at, policy);
      END IF;
    END IF;
    new[i] := capa.follow_up_quiet(capa.deadline_status(d, w.status, w.met_at, at, policy));
    kept := kept || new[i].id;
  END LOOP;
  new := capa.deadlines_dropped(n, new, kept, at, policy);
  PERFORM capa.deadlines_keep(n, old, new, policy, at);
END $$;
