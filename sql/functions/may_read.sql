-- May this caller see what an NC says? A restricted one is for those who keep the register and judge risks, and for those who
-- have to do with it: its reporter, its owner, the owners of its actions and follow-ups. Names of teams stand for their members.
CREATE OR REPLACE FUNCTION capa.may_read(principal jsonb, actor text, n capa.nc) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN NOT coalesce(n.restricted, false)
    OR coalesce(principal -> 'roles', '[]') ?| ARRAY['isms_manager', 'auditor', 'risk_owner', 'top_management', 'system']
    OR capa.any_person(actor, ARRAY[n.owner, n.raised_by] || ARRAY(SELECT a.owner FROM capa.action a WHERE a.nc = n.id)
                              || ARRAY(SELECT f.owner FROM capa.follow_up f WHERE f.nc = n.id));
END $$;
