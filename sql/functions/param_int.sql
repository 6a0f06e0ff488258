-- A whole number between 0 and a limit, or null where absent.
CREATE OR REPLACE FUNCTION capa.param_int(params jsonb, name_ text, most int DEFAULT 2147483647) RETURNS int
LANGUAGE plpgsql STABLE AS $$
DECLARE
  text_ text := capa.param_text(params, name_);
BEGIN
  IF text_ !~ '^[0-9]{1,10}$' OR text_::bigint > most THEN
    PERFORM capa.fail('invalid', format('"%s" must be a whole number from 0 to %s, not "%s".', name_, most, left(text_, 40)));
  END IF;
  RETURN text_::int;
END $$;
