-- true, false, or yes and no as people write them; null where absent.
CREATE OR REPLACE FUNCTION capa.param_bool(params jsonb, name_ text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  text_ text := lower(capa.param_text(params, name_));
BEGIN
  IF text_ NOT IN ('true', 'false', 'yes', 'no') THEN
    PERFORM capa.fail('invalid', format('"%s" must be yes or no, not "%s".', name_, left(text_, 40)));
  END IF;
  RETURN text_ IN ('true', 'yes');
END $$;
