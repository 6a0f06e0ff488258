-- The target of a merging keeps the earliest due date and the highest grade of both (PRODUCT, "Dates stick"): up is at once and
-- never waits for a second person; its running phase deadlines are tightened to those that the merged NC had running,
-- due_original too.
CREATE OR REPLACE FUNCTION capa.merge_keep(into_ int, n capa.nc, running capa.deadline[], reason_ text, who text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t capa.nc;
  d capa.deadline;
  r capa.deadline;
  policy jsonb := capa.policy_of(into_);
  at timestamptz := capa.now();
  kinds text[] := '{}';
BEGIN
  SELECT * INTO STRICT t FROM capa.nc WHERE id = into_;
  t.grade_by_rule := CASE WHEN coalesce(capa.grade_rank(n.grade_by_rule), -1) > coalesce(capa.grade_rank(t.grade_by_rule), -1)
                          THEN n.grade_by_rule ELSE t.grade_by_rule END;
  IF n.restricted AND t.restricted IS NOT TRUE THEN  -- what was restricted stays so where it is treated
    t.restricted := true;
    PERFORM capa.withhold_past(into_);
  END IF;
  IF capa.grade_rank(n.grade) > capa.grade_rank(t.grade) THEN
    PERFORM capa.record_put(t, 'regrade', jsonb_build_object('from', t.grade, 'to', n.grade,
                            'reason', format('NC-%s was merged into it', n.id)), who);
    t.grade := n.grade;
  END IF;
  PERFORM capa.put('nc', to_jsonb(t));
  PERFORM capa.obligations_merge(t, n, who);
  PERFORM capa.changed(into_, 'nc.changed', 'merge', 'NC-' || into_, concat_ws(': ', format('NC-%s was merged into it', n.id), reason_),
                       jsonb_build_object('merged', 'NC-' || n.id));
  FOREACH r IN ARRAY running LOOP
    SELECT * INTO d FROM capa.deadline x WHERE x.nc = into_ AND x.kind = r.kind AND x.met_at IS NULL AND x.void_at IS NULL
      AND (x.due > r.due OR x.due_original > r.due_original) ORDER BY x.id LIMIT 1 FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    IF d.due > r.due THEN
      d.tightened := true;
      d.started_at := least(d.started_at, r.started_at);  -- that due date's interval, which may have begun before the target's cycle
      d := capa.deadline_move(d, r.due, r.exact, at, policy);
    END IF;
    d.due_original := least(d.due_original, r.due_original);
    PERFORM capa.put('deadline', to_jsonb(d));
    kinds := kinds || d.kind;
  END LOOP;
  IF cardinality(kinds) > 0 THEN
    PERFORM capa.tell('deadline.changed', 'merge', 'NC-' || into_, into_, jsonb_build_object('what', 'deadlines',
      'sentence', format('%s: tightened to the dates of NC-%s', array_to_string(kinds, ', '), n.id), 'nc', capa.summary(into_),
      'deadlines', (SELECT jsonb_agg(capa.deadline_object(x) ORDER BY x.id) FROM capa.deadline x
                    WHERE x.nc = into_ AND x.kind = ANY (kinds) AND x.met_at IS NULL AND x.void_at IS NULL)));
    PERFORM capa.deadlines_follow(into_);
  END IF;
END $$;
