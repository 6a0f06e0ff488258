-- The deadline of a period that proves itself (no_recurrence) has no step before its due date: there is nothing for anybody to do.
-- Any other deadline is given back as it is.
CREATE OR REPLACE FUNCTION capa.follow_up_quiet(d capa.deadline) RETURNS capa.deadline LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF d.follow_up IS NOT NULL AND (SELECT f.kind FROM capa.follow_up f WHERE f.id = d.follow_up) = 'no_recurrence' THEN
    d.steps := (SELECT coalesce(jsonb_agg(s ORDER BY o), '[]') FROM jsonb_array_elements(d.steps) WITH ORDINALITY AS x(s, o)
                WHERE (s ->> 'planned_at')::timestamptz >= d.due);
  END IF;
  RETURN d;
END $$;
