-- Decides which of an NC's deadlines run their ladder and when each has something to do next, puts and tells the
-- rows that changed, and wakes the timers when one comes before all others. One phase ladder runs at a time, that of the
-- earliest phase not reached, none while accepted, when window and verdict rest too; the others have their own.
CREATE OR REPLACE FUNCTION capa.deadlines_keep(n capa.nc, old capa.deadline[], new capa.deadline[], policy jsonb,
                                               at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  running int := (SELECT x.id FROM unnest(new) x
                  WHERE x.met_at IS NULL AND x.void_at IS NULL AND capa.phase_rank(x.kind) IS NOT NULL
                  ORDER BY capa.phase_rank(x.kind), x.id LIMIT 1);
  d capa.deadline;
  changed capa.deadline[] := '{}';
  earliest timestamptz := (SELECT min(next_at) FROM capa.deadline WHERE next_at IS NOT NULL AND nc <> n.id);
BEGIN
  FOR i IN 1 .. coalesce(array_length(new, 1), 0) LOOP
    d := new[i];
    IF d.met_at IS NOT NULL OR d.void_at IS NOT NULL
       OR (capa.phase_rank(d.kind) IS NOT NULL AND (d.id <> running OR n.state = 'accepted'))
       OR (n.state = 'accepted' AND d.kind IN ('window', 'verify')) THEN
      d.next_at := NULL;
    ELSE
      d.next_at := capa.next_step_at(d, policy, at);
    END IF;
    CONTINUE WHEN d IS NOT DISTINCT FROM old[i];
    changed := changed || d;
    IF d.next_at < coalesce(earliest, 'infinity') THEN
      earliest := d.next_at;
      PERFORM capa.wake(d.next_at);
    END IF;
  END LOOP;
  IF cardinality(changed) = 0 THEN
    RETURN;
  END IF;
  PERFORM capa.put('deadline', (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.id) FROM unnest(changed) x));
  PERFORM capa.tell('deadline.changed', 'deadlines', 'NC-' || n.id, n.id, jsonb_build_object(
    'what', 'deadlines', 'sentence', capa.deadlines_sentence(old, changed), 'nc', capa.summary(n.id),
    'deadlines', (SELECT jsonb_agg(capa.deadline_object(x) ORDER BY x.id) FROM unnest(changed) x)));
END $$;
