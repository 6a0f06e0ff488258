-- An action of the NC's current cycle that is neither done nor cancelled; else refused, saying which it is.
CREATE OR REPLACE FUNCTION capa.action_open(n capa.nc, id_ int) RETURNS capa.action LANGUAGE plpgsql AS $$
DECLARE
  a capa.action;
BEGIN
  IF id_ IS NULL THEN
    PERFORM capa.fail('invalid', 'An action is needed here, not an NC.', NULL, 'Actions look like CA-42; capactl show lists them.');
  END IF;
  SELECT * INTO STRICT a FROM capa.action WHERE id = id_ FOR UPDATE;
  IF a.state IN ('done', 'cancelled') THEN
    PERFORM capa.fail('refused', format('CA-%s is %s already.', a.id, a.state), NULL,
      CASE a.state WHEN 'done' THEN format('capactl retract CA-%s done --reason TEXT opens it again.', a.id)
                   ELSE format('capactl action add NC-%s plans another one.', n.id) END);
  ELSIF a.cycle <> n.cycle THEN
    PERFORM capa.fail('refused', format('CA-%s belongs to cycle %s of NC-%s, which is over.', a.id, a.cycle, n.id));
  END IF;
  RETURN a;
END $$;
