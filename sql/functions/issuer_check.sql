-- May this caller say, after it was raised, who issued a finding? isms_manager may, once: from then on it closes with that one's
-- acceptance only, so another name, or none, would take it out of the issuer's hands.
CREATE OR REPLACE FUNCTION capa.issuer_check(n capa.nc, principal jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT principal -> 'roles' ?| ARRAY['isms_manager', 'system'] THEN
    PERFORM capa.fail('forbidden', 'Who issued a finding is said by the role isms_manager.', NULL, 'Ask who keeps the register.');
  ELSIF n.issuer IS NOT NULL THEN
    PERFORM capa.fail('refused', format('NC-%s is a finding of %s already.', n.id, n.issuer), NULL,
      format('Of a wrong one: capactl reject NC-%s, and raise it again; of one taken back: capactl external NC-%s closing withdrawn TEXT --evidence LETTER', n.id, n.id));
  END IF;
END $$;
