-- An approved extension: the new due date is in force, percentages run from the original start to it, the open steps of the
-- old value end, and it is counted. due_original stays. Refused where there is nothing to extend any more.
CREATE OR REPLACE FUNCTION capa.extension_grant(q capa.request) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
  a capa.action;
  o capa.obligation;
  policy jsonb := capa.policy_of(q.nc);
  at timestamptz := capa.now();
  to_ timestamptz := (q.what ->> 'to')::timestamptz;
  was timestamptz;
BEGIN
  SELECT * INTO STRICT d FROM capa.deadline WHERE id = q.deadline FOR UPDATE;
  was := d.due;
  IF d.met_at IS NOT NULL OR d.void_at IS NOT NULL THEN
    PERFORM capa.fail('refused', format('The %s deadline of %s runs no more: there is nothing to extend.', d.kind, q.ref),
      NULL, format('capactl refuse %s REASON ends the request.', q.ref));
  ELSIF to_ <= at OR to_ <= d.due THEN
    PERFORM capa.fail('refused', format('%s is no later date any more: %s is due %s.', q.what ->> 'to', q.ref,
      capa.rfc3339(d.due)), NULL, format('capactl refuse %s REASON, then ask for a date ahead.', q.ref));
  END IF;
  d := capa.deadline_move(d, to_, capa.due_is_exact(to_, policy -> 'calendar'), at, policy);
  d.extensions := d.extensions + 1;
  PERFORM capa.put('deadline', to_jsonb(d));
  IF d.action IS NOT NULL THEN
    SELECT * INTO STRICT a FROM capa.action WHERE id = d.action;
    a.due := to_;
    PERFORM capa.put('action', to_jsonb(a));
  END IF;
  IF d.kind = 'external' THEN
    o := capa.obligation_running((SELECT n FROM capa.nc n WHERE n.id = d.nc), d.label);
    o.due := to_;
    PERFORM capa.put('obligation', to_jsonb(o));
  END IF;
  PERFORM capa.changed(q.nc, 'deadline.extended', 'approve', q.ref,
    concat_ws(': ', format('%s of %s extended to %s', coalesce(d.label, d.kind), q.ref, capa.rfc3339(to_)), q.reason),
    jsonb_strip_nulls(jsonb_build_object('request', q.kind, 'action', 'CA-' || d.action,
      'deadline', jsonb_build_object('kind', d.kind, 'label', d.label, 'due', capa.rfc3339(d.due), 'due_original', capa.rfc3339(d.due_original),
                                     'was', capa.rfc3339(was)),
      'extensions', d.extensions, 'requested_by', array_to_string(q.authors, ', '), 'approved_by', q.decided_by,
      'reason', q.reason, 'text', q.decision)));
END $$;
