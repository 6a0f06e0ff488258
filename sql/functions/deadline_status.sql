-- A deadline row as it is when its facts ask for status open, met or void. What was met or void and is open again
-- keeps its dates; steps already past are then covered by one message of the next tick (SEMANTICS section 6).
-- late: met or voided after the due date.
CREATE OR REPLACE FUNCTION capa.deadline_status(d capa.deadline, status text, met_at_ timestamptz, at timestamptz,
                                                policy jsonb) RETURNS capa.deadline LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF status = 'met' AND d.met_at IS NULL THEN
    d.met_at := coalesce(met_at_, at);
    d.void_at := NULL;
    d.late := d.met_at > d.due AND d.kind <> 'window';
  ELSIF status = 'void' AND d.void_at IS NULL AND d.met_at IS NULL THEN
    d.void_at := at;
    d.late := at > d.due AND d.kind <> 'window';
  ELSIF status = 'open' AND (d.met_at IS NOT NULL OR d.void_at IS NOT NULL) THEN
    d.met_at := NULL;
    d.void_at := NULL;
    d.late := false;
    IF d.steps = '[]' AND d.kind <> 'window' THEN
      d.steps := capa.plan_steps(d.started_at, d.due, d.set_at, d.exact, policy -> 'ladder' -> d.grade,
                                 policy -> 'calendar');
    END IF;
  END IF;
  RETURN d;
END $$;
