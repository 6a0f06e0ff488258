-- Gives one open thing of an NC to another owner: the follow-up or action where one is named, else the NC itself. Returns the NC's reference
-- if its plan was approved before and is not any more, else nothing. The caller holds the NC's row and appends.
CREATE OR REPLACE FUNCTION capa.hand_over(nc_ int, action_ int, follow_up_ int, to_ text, reason_ text, actor text) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  a capa.action;
  f capa.follow_up;
  was text;
  approved boolean := (SELECT x.approval FROM capa.fact x WHERE x.nc = nc_);
  more jsonb := '{}';
  ref_ text := coalesce('FU-' || follow_up_, 'CA-' || action_, 'NC-' || nc_);
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  IF follow_up_ IS NOT NULL THEN
    SELECT * INTO STRICT f FROM capa.follow_up WHERE id = follow_up_;
    was := f.owner;
    f.owner := to_;
    PERFORM capa.put('follow_up', to_jsonb(f));
  ELSIF action_ IS NOT NULL THEN
    SELECT * INTO STRICT a FROM capa.action WHERE id = action_;
    was := a.owner;
    n := capa.owner_changed(n, a.id, was, actor);
    a.owner := to_;
    PERFORM capa.put('action', to_jsonb(a));
    more := jsonb_build_object('action', capa.action_object(a.id));
  ELSE
    was := n.owner;
    n := capa.owner_changed(n, NULL, was, actor);
    n.owner := to_;
    PERFORM capa.put('nc', to_jsonb(n));
  END IF;
  PERFORM capa.changed(nc_, CASE WHEN action_ IS NOT NULL AND follow_up_ IS NULL THEN 'action.changed' ELSE 'nc.changed' END, 'handover',
    ref_, format('owner: %s, handed over by %s%s', to_, was, coalesce(': ' || reason_, '')), more);
  RETURN CASE WHEN approved AND NOT (SELECT x.approval FROM capa.fact x WHERE x.nc = nc_) THEN ARRAY['NC-' || nc_] ELSE '{}' END;
END $$;
