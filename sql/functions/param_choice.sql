-- One of a list of words, or null where absent.
CREATE OR REPLACE FUNCTION capa.param_choice(params jsonb, name_ text, choices text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  text_ text := lower(capa.param_text(params, name_));
BEGIN
  IF NOT text_ = ANY (choices) THEN
    PERFORM capa.fail('invalid', format('"%s" cannot be "%s".', name_, left(text_, 40)), NULL,
      format('It is one of %s.', array_to_string(choices, ', ')));
  END IF;
  RETURN text_;
END $$;
