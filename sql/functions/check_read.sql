-- Refuses a caller who may not read an NC (capa.may_read).
CREATE OR REPLACE FUNCTION capa.check_read(principal jsonb, actor text, nc_ int) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM capa.nc n WHERE n.id = nc_ AND n.restricted AND NOT capa.may_read(principal, actor, n)) THEN
    PERFORM capa.fail('forbidden', format('NC-%s is restricted: %s is not among those who may read it.', nc_, actor), NULL,
      'Its owner, its reporter, the owners of its actions, and the roles isms_manager, risk_owner, top_management and auditor may.');
  END IF;
END $$;
