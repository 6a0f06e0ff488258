-- The running follow-up that a method is about: parameter ref, FU-3. The caller holds its NC's row.
CREATE OR REPLACE FUNCTION capa.follow_up_named(params jsonb, what_ text) RETURNS capa.follow_up LANGUAGE plpgsql STABLE AS $$
DECLARE
  f capa.follow_up;
  id_ int := (capa.reference(params ->> 'ref')).follow_up;
BEGIN
  IF id_ IS NULL THEN
    PERFORM capa.fail('invalid', format('%s is no follow-up.', params ->> 'ref'), NULL,
      format('capactl follow-up list %s shows those it has: FU-3.', params ->> 'ref'));
  END IF;
  SELECT * INTO STRICT f FROM capa.follow_up WHERE id = id_;
  IF f.state <> 'running' THEN
    PERFORM capa.fail('refused', format('FU-%s is %s since %s: there is nothing to %s.', f.id, f.state, capa.rfc3339(f.ended_at), what_), NULL,
      format('capactl follow-up add NC-%s begins a new one.', f.nc));
  END IF;
  RETURN f;
END $$;
