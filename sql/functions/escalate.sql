-- Lets a deadline's ladder speak: of all steps that are due the highest fires, in one message to the recipients of
-- all of them, and covers the rest, repeats too (SEMANTICS section 7, 2 to 4). A step below it that still waits for working
-- hours is covered as well; a repeat muted by an acknowledgement is left until that expires. Of more than 1,000
-- missed repeats of a step the newest 1,000 are recorded. If nothing may fire yet, next_at is set right.
-- The caller holds the rows of NC and deadline. Returns whether a message went out.
CREATE OR REPLACE FUNCTION capa.escalate(d capa.deadline, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  policy jsonb := capa.policy_of(d.nc);
  top record;
  rows jsonb;
  message jsonb;
  id_ int;
BEGIN
  SELECT * INTO n FROM capa.nc WHERE id = d.nc;
  SELECT p.*, p.n_last AS n_top INTO top FROM capa.steps_pending(d, policy, at) p
    WHERE p.fire_at <= at ORDER BY p.no DESC LIMIT 1;
  IF NOT FOUND THEN
    d.next_at := capa.next_step_at(d, policy, at);
    PERFORM capa.put('deadline', to_jsonb(d));
    PERFORM capa.tell('deadline.changed', 'tick', 'NC-' || d.nc, d.nc,
      jsonb_build_object('what', 'deadlines', 'sentence', d.kind || ': the next step waits', 'nc', capa.summary(d.nc),
                         'deadlines', jsonb_build_array(capa.deadline_object(d))));
    RETURN false;
  END IF;
  id_ := nextval('capa.escalation_no');
  SELECT jsonb_agg(jsonb_build_object(
           'id', CASE WHEN k.fired THEN id_ ELSE nextval('capa.escalation_no') END,
           'deadline', d.id, 'due', d.due, 'step', k.no, 'n', k.n, 'nc', d.nc, 'action', d.action, 'follow_up', d.follow_up,
           'level', k.step ->> 'level', 'planned_at', k.planned_at, 'published_at', at,
           'state', CASE WHEN k.fired THEN 'fired' ELSE 'covered' END,
           'covered_by', CASE WHEN k.fired THEN NULL ELSE id_ END,
           'recipients', CASE WHEN k.fired THEN capa.recipients(d, k.roles) ELSE '[]' END,
           'ack_span', k.step -> 'ack') ORDER BY k.fired DESC, k.no, k.n)
    INTO rows
    FROM (SELECT p.no, p.step, r.n, capa.step_moment(p.step, r.n, policy -> 'calendar') AS planned_at,
                 p.no = top.no AND r.n = top.n_top AS fired, capa.ladder_roles(d, policy, at, top.no) AS roles
          FROM capa.steps_pending(d, policy, at) p
          CROSS JOIN LATERAL generate_series(greatest(p.n, p.n_last - 999), p.n_last) AS r(n)
          WHERE p.no <= top.no AND NOT p.muted) k;
  PERFORM capa.put('escalation', rows);
  d.next_at := capa.next_step_at(d, policy, at);
  PERFORM capa.put('deadline', to_jsonb(d));
  PERFORM capa.tell(format('escalation.%s.%s', top.step ->> 'level', CASE d.kind WHEN 'clock' THEN d.grade ELSE n.grade END), 'tick', 'ESC-' || id_, d.nc,
                    capa.escalation_object(id_) || jsonb_build_object('summary', capa.summary(d.nc)));
  RETURN true;
END $$;
