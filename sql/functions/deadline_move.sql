-- A deadline row with another due value (an extension, a tightening, an action's new date, a longer window): its
-- steps are planned anew, percentages run from the original start, and the open steps of the old value end with it,
-- because escalations are keyed by the due value. due_original stays. Also for a ladder that changed with the grade.
CREATE OR REPLACE FUNCTION capa.deadline_move(d capa.deadline, due_ timestamptz, exact_ boolean, at timestamptz,
                                              policy jsonb) RETURNS capa.deadline LANGUAGE plpgsql STABLE AS $$
BEGIN
  d.due := due_;
  d.exact := exact_;
  d.set_at := at;
  IF d.kind <> 'window' THEN
    d.steps := capa.plan_steps(d.started_at, d.due, at, d.exact, policy -> 'ladder' -> d.grade, policy -> 'calendar');
  END IF;
  RETURN d;
END $$;
