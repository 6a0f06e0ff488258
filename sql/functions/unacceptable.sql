-- Why this NC can never be accepted, or null: requirements of clauses 4 to 10 of ISO/IEC 27001, of law and of contracts (PRODUCT,
-- "Accepted"). Told by source kind authority, a label `legal` or `contract`, a requirement or control that begins with a
-- clause number 4 to 10, or one that names a law or a contract.
CREATE OR REPLACE FUNCTION capa.unacceptable(n capa.nc) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN n.source_kind = 'authority' THEN 'it comes from an authority'
    WHEN n.labels ? 'legal' THEN 'it is labelled legal'
    WHEN n.labels ? 'contract' THEN 'it is labelled contract'
    WHEN clause.text_ IS NOT NULL THEN format('"%s" is a requirement of ISO/IEC 27001 itself', left(clause.text_, 80))
    WHEN law.text_ IS NOT NULL THEN format('"%s" is a requirement of law or contract', left(law.text_, 80)) END
  FROM (SELECT min(t) AS text_ FROM unnest(string_to_array(n.requirement, '; ') || n.controls) AS t
        WHERE t ~* '(^\s*§|\m(laws?|statut\w*|regulations?|directives?|gdpr|dsgvo|bdsg|bsig|dora|hipaa|nis ?2|contracts?|contractual\w*|legal|legislation)\M)') law,
       (SELECT min(t) AS text_ FROM unnest(string_to_array(n.requirement, '; ') || n.controls) AS t
        WHERE t ~* '^\s*(ISO\s?(/\s?IEC)?\s?27001(:\d{4})?,?\s?)?((clauses?|cl\.|section)\s?)?(4|5|6|7|8|9|10)(\.\d+)*\M') clause
$$;
