-- The running deadline that `extend` is about: an action's own, or of an NC the one of the given kind or label, else its next due
-- one. A follow-up's period is not extended but recorded late, an acceptance is asked for again. Refused with what there is, if there is none such. The end of a window is no deadline: it is part of the plan.
CREATE OR REPLACE FUNCTION capa.deadline_named(n capa.nc, action_ int, kind_ text) RETURNS capa.deadline
LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
  others text;
BEGIN
  IF kind_ = 'acceptance' THEN
    PERFORM capa.fail('refused', 'An acceptance is not extended: accepting again asks its risk owner again.', NULL,
      format('capactl accept NC-%s --risk REF --until D --reason TEXT', n.id));
  END IF;
  SELECT * INTO d FROM capa.deadline x
    WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL AND x.kind NOT IN ('window', 'follow_up', 'acceptance')
      AND (action_ IS NULL OR x.action = action_) AND (kind_ IS NULL OR x.kind = kind_ OR x.label = lower(kind_))
    ORDER BY x.due, x.id LIMIT 1 FOR UPDATE;
  IF FOUND THEN
    RETURN d;
  END IF;
  SELECT string_agg(coalesce('CA-' || x.action, x.label, x.kind), ', ' ORDER BY x.due, x.id) INTO others FROM capa.deadline x
    WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL AND x.kind NOT IN ('window', 'follow_up', 'acceptance');
  IF action_ IS NOT NULL THEN
    PERFORM capa.fail('refused', format('CA-%s has no due date that runs.', action_), NULL,
      format('Running in NC-%s: %s.', n.id, coalesce(others, 'nothing')));
  END IF;
  PERFORM capa.fail('refused', format('NC-%s has no running deadline%s.', n.id, coalesce(' of kind ' || kind_, '')), NULL,
    format('Running: %s.', coalesce(others, 'nothing')));
END $$;
