-- An approved acceptance: the NC rests until its date, with the grade it has now. Its open deadlines go on; those past their due
-- date count as late from now on, however they end.
CREATE OR REPLACE FUNCTION capa.acceptance_grant(n capa.nc, q capa.request, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
BEGIN
  IF (q.what ->> 'until')::timestamptz <= capa.now() THEN
    PERFORM capa.fail('refused', format('NC-%s was to be accepted until %s: that has passed, nothing can be approved any more.', n.id,
        capa.rfc3339((q.what ->> 'until')::timestamptz)), NULL,
      format('capactl refuse NC-%s REASON ends the request; capactl accept asks again.', n.id));
  END IF;
  PERFORM capa.acceptance_check(n, (q.what ->> 'until')::timestamptz, q.what ->> 'measure');
  n.state := 'accepted';
  n.accepted_until := (q.what ->> 'until')::timestamptz;
  n.accepted_grade := n.grade;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.record_put(n, 'acceptance', q.what || jsonb_build_object('reason', q.reason, 'asked_by', q.authors, 'grade', n.grade,
                                                                        'text', q.decision), who);
  FOR d IN SELECT * FROM capa.deadline x WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL AND x.due < q.decided_at
             AND x.kind NOT IN ('window', 'acceptance') AND NOT x.late ORDER BY x.id FOR UPDATE LOOP
    d.late := true;
    PERFORM capa.put('deadline', to_jsonb(d));
  END LOOP;
  PERFORM capa.changed(n.id, 'nc.changed', 'approve', 'NC-' || n.id,
    concat_ws(': ', format('accepted until %s on %s', capa.rfc3339(n.accepted_until), q.what ->> 'risk'), q.reason),
    jsonb_build_object('request', 'acceptance', 'accepted_until', capa.rfc3339(n.accepted_until)));
END $$;
