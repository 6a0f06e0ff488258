-- Is this a finding from outside, on which no separation of duties can be waived?
CREATE OR REPLACE FUNCTION capa.external_finding(n capa.nc) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT n.issuer IS NOT NULL OR n.source_kind IN ('external_audit', 'authority')
$$;
