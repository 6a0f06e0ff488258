-- May this caller see what an NC says (capa.hidden_ncs)?
CREATE OR REPLACE FUNCTION capa.may_read(principal jsonb, actor text, n capa.nc) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN NOT coalesce(n.restricted, false) OR NOT n.id = ANY (capa.hidden_ncs(principal, actor));
END $$;
