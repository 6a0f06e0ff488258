-- The numbers of all NCs that this caller may not read; none is the empty list. A restricted one is for those who keep
-- the register and judge risks, and for those who have to do with it: its reporter, its owner, the owners of its actions and follow-ups. Names of teams stand for their members. Lists ask once and compare.
CREATE OR REPLACE FUNCTION capa.hidden_ncs(principal jsonb, actor text) RETURNS int[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  names text[];
BEGIN
  IF coalesce(principal -> 'roles', '[]') ?| ARRAY['isms_manager', 'auditor', 'risk_owner', 'top_management', 'system']
     OR NOT EXISTS (SELECT FROM capa.nc n WHERE n.restricted) THEN
    RETURN '{}';
  END IF;
  names := capa.names_of(actor);
  RETURN ARRAY(
    SELECT n.id FROM capa.nc n
    WHERE n.restricted AND NOT coalesce(capa.name_key(n.owner) = ANY (names), false)
      AND NOT coalesce(capa.name_key(n.raised_by) = ANY (names), false)
      AND NOT EXISTS (SELECT FROM capa.action a WHERE a.nc = n.id AND capa.name_key(a.owner) = ANY (names))
      AND NOT EXISTS (SELECT FROM capa.follow_up f WHERE f.nc = n.id AND capa.name_key(f.owner) = ANY (names))
    ORDER BY n.id);
END $$;
