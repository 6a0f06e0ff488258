-- Keeps who owned an NC or an action before: a past owner stays barred from verifying this cycle (PRODUCT, "Barred from
-- verifying"); a changed action is a changed plan, and whoever changed it one of its authors. Returns the NC unchanged.
CREATE OR REPLACE FUNCTION capa.owner_changed(n capa.nc, action_ int, was text, actor text) RETURNS capa.nc
LANGUAGE plpgsql AS $$
BEGIN
  IF was IS NOT NULL THEN
    PERFORM capa.record_put(n, 'past_owner', jsonb_build_object('owner', was, 'action', action_), actor);
  END IF;
  IF action_ IS NOT NULL THEN
    PERFORM capa.record_put(n, 'plan_change', jsonb_build_object('action', action_, 'owner', was), actor);
  END IF;
  RETURN n;
END $$;
