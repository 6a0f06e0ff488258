-- The numbers of all NCs that this caller may not read (capa.may_read); none is the empty list. Lists ask once and compare.
CREATE OR REPLACE FUNCTION capa.hidden_ncs(principal jsonb, actor text) RETURNS int[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(SELECT n.id FROM capa.nc n WHERE n.restricted AND NOT capa.may_read(principal, actor, n) ORDER BY n.id);
END $$;
