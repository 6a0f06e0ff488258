-- One spelling of a reference into a standard: "a.8.13" is A.8.13, "ISO 27001:2022, 10.2d)" ISO/IEC 27001:2022 10.2 d,
-- "NIS 2 Art. 21 (2) c" NIS2 21(2)(c). Numbers are left as they are, also those of the 2013 edition. What is no such
-- reference (a control of one's own, a sentence) stays as it was written.
CREATE OR REPLACE FUNCTION capa.requirement_spelling(text_ text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  plain text := btrim(regexp_replace(text_, '\s+', ' ', 'g'));
  part text[];
BEGIN
  part := regexp_match(plain, '^(?:annex )?a ?\.? ?(\d{1,2}(?:\.\d{1,2}){1,3})$', 'i');
  IF part IS NOT NULL THEN
    RETURN 'A.' || part[1];
  END IF;
  part := regexp_match(plain, '^(?:iso(?:/iec)?|din|en|[- /])*27001(?: ?: ?(\d{4}))?,? (?:clause |chapter )?(.+)$', 'i');
  IF part IS NOT NULL AND (part[2] ~* '^(annex )?a ?\.? ?\d' OR capa.clause_spelling(part[2]) IS NOT NULL) THEN
    RETURN 'ISO/IEC 27001' || coalesce(':' || part[1], '') || ' '
           || coalesce(capa.clause_spelling(part[2]), capa.requirement_spelling(part[2]));
  END IF;
  part := regexp_match(plain, '^(?:directive )?nis[- ]?2,? (?:art(?:icle)?\.? ?)?(\d{1,2}) ?(?:\(?(\d{1,2})\)?)? ?(?:\(?([a-z])\)?)?$', 'i');
  IF part IS NOT NULL THEN
    RETURN 'NIS2 ' || part[1] || coalesce('(' || part[2] || ')', '') || coalesce('(' || lower(part[3]) || ')', '');
  END IF;
  RETURN coalesce(capa.clause_spelling(plain), plain);
END $$;
