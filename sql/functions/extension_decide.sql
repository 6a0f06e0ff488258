-- Carries out the decision on a request for an extension; that `who` may decide was checked before. Approved: the new due
-- date is in force, percentages run from the original start to it, the open steps of the old value end, and it is
-- counted. due_original stays.
CREATE OR REPLACE FUNCTION capa.extension_decide(request_ int, approved boolean, who text, text_ text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  q capa.request;
  d capa.deadline;
  a capa.action;
  policy jsonb;
  at timestamptz := capa.now();
  to_ timestamptz;
  was timestamptz;
BEGIN
  SELECT * INTO STRICT q FROM capa.request WHERE id = request_ FOR UPDATE;
  SELECT * INTO STRICT d FROM capa.deadline WHERE id = q.deadline FOR UPDATE;
  to_ := (q.what ->> 'to')::timestamptz;
  was := d.due;
  IF approved AND (d.met_at IS NOT NULL OR d.void_at IS NOT NULL) THEN
    PERFORM capa.fail('refused', format('The %s deadline of %s runs no more: there is nothing to extend.', d.kind, q.ref),
      NULL, format('capactl refuse %s REASON ends the request.', q.ref));
  ELSIF approved AND (to_ <= at OR to_ <= d.due) THEN
    PERFORM capa.fail('refused', format('%s is no later date any more: %s is due %s.', q.what ->> 'to', q.ref,
      capa.rfc3339(d.due)), NULL, format('capactl refuse %s REASON, then ask for a date ahead.', q.ref));
  END IF;
  q.state := CASE WHEN approved THEN 'approved' ELSE 'refused' END;
  q.decided_by := who;
  q.decided_at := at;
  q.decision := text_;
  PERFORM capa.put('request', to_jsonb(q));
  IF NOT approved THEN
    PERFORM capa.changed(q.nc, 'nc.changed', 'refuse', q.ref, concat_ws(': ', 'extension refused', text_),
                         '{"request":"extension"}');
    RETURN;
  END IF;
  policy := capa.policy_of(q.nc);
  d := capa.deadline_move(d, to_, capa.due_is_exact(to_, policy -> 'calendar'), at, policy);
  d.extensions := d.extensions + 1;
  PERFORM capa.put('deadline', to_jsonb(d));
  IF d.action IS NOT NULL THEN
    SELECT * INTO STRICT a FROM capa.action WHERE id = d.action;
    a.due := to_;
    PERFORM capa.put('action', to_jsonb(a));
  END IF;
  PERFORM capa.changed(q.nc, 'deadline.extended', 'approve', q.ref,
    concat_ws(': ', format('%s of %s extended to %s', d.kind, q.ref, capa.rfc3339(to_)), q.reason),
    jsonb_strip_nulls(jsonb_build_object('request', 'extension', 'action', 'CA-' || d.action,
      'deadline', jsonb_build_object('kind', d.kind, 'due', capa.rfc3339(d.due), 'due_original', capa.rfc3339(d.due_original),
                                     'was', capa.rfc3339(was)),
      'extensions', d.extensions, 'requested_by', array_to_string(q.authors, ', '), 'approved_by', who,
      'reason', q.reason, 'text', text_)));
END $$;
