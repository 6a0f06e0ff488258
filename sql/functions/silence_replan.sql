-- After a silence on publishing was ended early: the steps that waited for it are planned anew.
CREATE OR REPLACE FUNCTION capa.silence_replan(s capa.silence) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
  next_ timestamptz;
BEGIN
  IF NOT s.publish_only OR s.ended_at IS NULL THEN
    RETURN;
  END IF;
  PERFORM FROM capa.nc n WHERE capa.silence_covers(s, n.rule, n.asset, n.source, n.grade, n.labels) AND NOT n.state IN ('rejected', 'merged') ORDER BY n.id FOR UPDATE;
  FOR d IN SELECT x.* FROM capa.deadline x JOIN capa.nc n ON n.id = x.nc
           WHERE x.next_at > capa.now() AND capa.silence_covers(s, n.rule, n.asset, n.source, n.grade, n.labels) ORDER BY x.id FOR UPDATE OF x LOOP
    next_ := capa.next_step_at(d, capa.policy_of(d.nc), capa.now());
    IF next_ IS DISTINCT FROM d.next_at THEN
      d.next_at := next_;
      PERFORM capa.put('deadline', to_jsonb(d));
      PERFORM capa.tell('deadline.changed', 'silence.end', 'NC-' || d.nc, d.nc, jsonb_build_object('what', 'deadlines',
        'sentence', format('%s: SIL-%s holds it back no more', d.kind, s.id), 'nc', capa.summary(d.nc), 'deadlines', jsonb_build_array(capa.deadline_object(d))));
    END IF;
  END LOOP;
END $$;
