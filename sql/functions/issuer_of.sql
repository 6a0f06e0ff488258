-- What people call the one outside who issued a finding.
CREATE OR REPLACE FUNCTION capa.issuer_of(n capa.nc) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(n.issuer, CASE n.source_kind WHEN 'authority' THEN 'the authority' WHEN 'external_audit' THEN 'the external auditor'
                                               ELSE 'its issuer' END)
$$;
