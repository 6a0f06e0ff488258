-- The action of the NC's current cycle that a new one takes the place of: open, or cancelled and not replaced yet
-- (PRODUCT "Dates stick": cancelling first and planning the substitute later does not lose the original due date).
CREATE OR REPLACE FUNCTION capa.action_replaceable(n capa.nc, id_ int) RETURNS capa.action LANGUAGE plpgsql AS $$
DECLARE
  a capa.action;
  successor int;
BEGIN
  SELECT * INTO a FROM capa.action WHERE id = id_ FOR UPDATE;
  IF a.id IS NULL OR a.nc <> n.id OR a.cycle <> n.cycle OR a.state <> 'cancelled' THEN
    RETURN capa.action_open(n, id_);
  END IF;
  SELECT id INTO successor FROM capa.action WHERE replaces = a.id;
  IF successor IS NOT NULL THEN
    PERFORM capa.fail('refused', format('CA-%s was replaced by CA-%s already.', a.id, successor), NULL,
      format('Replace that one: --replaces CA-%s.', successor));
  END IF;
  RETURN a;
END $$;
