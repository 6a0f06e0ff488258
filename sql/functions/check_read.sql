-- Refuses a caller who may not read an NC (capa.hidden_ncs).
CREATE OR REPLACE FUNCTION capa.check_read(principal jsonb, actor text, nc_ int) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF nc_ = ANY (capa.hidden_ncs(principal, actor)) THEN
    PERFORM capa.fail('forbidden', format('NC-%s is restricted: %s is not among those who may read it.', nc_, actor), NULL,
      'Its owner, its reporter, the owners of its actions, and the roles isms_manager, risk_owner, top_management and auditor may.');
  END IF;
END $$;
