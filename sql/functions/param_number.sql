-- The number of a journal row or an event, which an int may be too small for; null where absent.
CREATE OR REPLACE FUNCTION capa.param_number(params jsonb, name_ text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  text_ text := capa.param_text(params, name_);
BEGIN
  IF text_ !~ '^[0-9]{1,18}$' THEN
    PERFORM capa.fail('invalid', format('"%s" must be a whole number, not "%s".', name_, left(text_, 40)));
  END IF;
  RETURN text_::bigint;
END $$;
