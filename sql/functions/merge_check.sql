-- Refuses a merging that would lose something: into itself, into one that is left or accepted, of a finding that its issuer holds
-- open, or of a failure into a proof that it disproves. Asked when it is wished for, and again when it is approved.
CREATE OR REPLACE FUNCTION capa.merge_check(n capa.nc, into_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t capa.nc;
  done timestamptz;
BEGIN
  IF into_ = n.id THEN
    PERFORM capa.fail('refused', format('NC-%s cannot be merged into itself.', n.id));
  END IF;
  PERFORM capa.issuer_holds(n, 'merged');
  SELECT * INTO STRICT t FROM capa.nc WHERE id = into_;
  IF t.state = 'merged' THEN
    PERFORM capa.fail('refused', format('NC-%s was merged into NC-%s itself.', t.id, t.merged_into), NULL,
      format('capactl merge NC-%s --into NC-%s', n.id, t.merged_into));
  ELSIF capa.has_left(t.state) THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: what is open is merged into what is open.', t.id, t.state), NULL,
      format('capactl reopen NC-%s --reason TEXT first, if both are one failure.', t.id));
  ELSIF t.state = 'accepted' THEN
    PERFORM capa.fail('refused', format('NC-%s is accepted until %s: NC-%s was not looked at then.', t.id, capa.rfc3339(t.accepted_until), n.id),
      NULL, format('capactl reopen NC-%s --reason TEXT ends the acceptance.', t.id));
  ELSIF t.state = 'verifying' THEN
    SELECT last_done INTO done FROM capa.fact WHERE nc = t.id;
    IF greatest(n.aware_at, (capa.nc_count(n.id)).last_seen) >= done THEN
      PERFORM capa.fail('refused', format('NC-%s failed after the last action of NC-%s was done: if both are one failure, that action did not work.',
        n.id, t.id), NULL, format('capactl verify NC-%s not_effective TEXT, then merge.', t.id));
    END IF;
  END IF;
END $$;
