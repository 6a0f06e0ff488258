-- A text parameter, trimmed; null where absent or blank. A list or an object is refused, and a text that no one reads.
CREATE OR REPLACE FUNCTION capa.param_text(params jsonb, name_ text, most int DEFAULT 16384) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  text_ text := nullif(btrim(params ->> name_, E' \t\r\n'), '');
BEGIN
  IF jsonb_typeof(params -> name_) IN ('object', 'array') THEN
    PERFORM capa.fail('invalid', format('"%s" must be a text.', name_));
  END IF;
  IF length(text_) > most THEN
    PERFORM capa.fail('too_big', format('"%s" is longer than %s characters.', name_, most), NULL,
      'Say it shorter and attach the rest as evidence.');
  END IF;
  RETURN text_;
END $$;
