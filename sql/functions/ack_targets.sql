-- The escalations that references mean: ESC-9 itself, NC-17 (or 17) all of it that wait for an acknowledgement; null: all
-- that wait and are for the actor. Says so where there is none such.
CREATE OR REPLACE FUNCTION capa.ack_targets(refs text[], actor text) RETURNS int[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  ref_ text;
  e capa.escalation;
  found_ int[];
  result int[] := '{}';
BEGIN
  IF refs IS NULL THEN
    RETURN (SELECT coalesce(array_agg(u.id ORDER BY u.nc, u.id), '{}') FROM capa.unacked u
            WHERE capa.escalation_for(actor, (SELECT x FROM capa.escalation x WHERE x.id = u.id)));
  END IF;
  FOREACH ref_ IN ARRAY refs LOOP
    IF upper(btrim(ref_)) LIKE 'ESC-%' THEN
      SELECT * INTO e FROM capa.escalation WHERE id = capa.escalation_reference(ref_);
      IF NOT FOUND THEN
        PERFORM capa.fail('not_found', format('There is no %s.', upper(btrim(ref_))), NULL, 'capactl escalations lists them.');
      ELSIF e.state = 'covered' THEN
        PERFORM capa.fail('refused', format('ESC-%s is covered by ESC-%s.', e.id, e.covered_by), NULL,
                          format('capactl ack ESC-%s', e.covered_by));
      END IF;
      found_ := ARRAY[e.id];
    ELSE
      SELECT array_agg(u.id) INTO found_ FROM capa.unacked u WHERE u.nc = (capa.reference(ref_)).nc;
      IF found_ IS NULL THEN
        PERFORM capa.fail('refused', format('%s has no escalation that waits for an acknowledgement.', ref_), NULL,
                          'capactl escalations --unacked lists those that do.');
      END IF;
    END IF;
    result := result || found_;
  END LOOP;
  RETURN (SELECT array_agg(DISTINCT x.id) FROM capa.escalation x WHERE x.id = ANY (result));
END $$;
