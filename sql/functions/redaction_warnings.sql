-- What a redaction leaves that the one who asks for it may think is gone, as sentences; null if nothing.
CREATE OR REPLACE FUNCTION capa.redaction_warnings(kind_ text, nc_ int, ref_ text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  others text;
BEGIN
  IF kind_ <> 'NC' THEN
    RETURN jsonb_build_array(format(
      'NC-%s''s own texts stay, also where they repeat what is in %s: capactl redact NC-%1$s --reason TEXT takes those.', nc_, ref_));
  END IF;
  SELECT string_agg('NC-' || x.nc, ', ' ORDER BY x.nc) INTO others FROM (
    SELECT DISTINCT b.nc FROM capa.journal_body b
    WHERE b.nc <> nc_ AND strpos(b.body, ref_) > 0 AND b.body ~ (ref_ || '([^0-9]|$)')) x;
  RETURN CASE WHEN others IS NOT NULL THEN jsonb_build_array(format(
    '%s is named in what is recorded of %s, whose texts stay: look whether they repeat what must go.', ref_, others)) END;
END $$;
