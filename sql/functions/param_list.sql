-- A list of texts; one text is a list of one. Null where absent or empty, repeats and blanks left out, order kept.
CREATE OR REPLACE FUNCTION capa.param_list(params jsonb, name_ text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  list jsonb := params -> name_;
  result text[];
BEGIN
  IF list IS NULL OR list = 'null' THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(list) <> 'array' THEN
    list := jsonb_build_array(list);
  END IF;
  IF jsonb_array_length(list) > 1000
     OR EXISTS (SELECT FROM jsonb_array_elements(list) e WHERE jsonb_typeof(e) NOT IN ('string', 'number')) THEN
    PERFORM capa.fail('invalid', format('"%s" must be a text or a list of at most 1000 texts.', name_));
  END IF;
  SELECT array_agg(t ORDER BY no) INTO result FROM (
    SELECT btrim(e) AS t, min(no) AS no FROM jsonb_array_elements_text(list) WITH ORDINALITY AS x(e, no)
    WHERE btrim(e) <> '' GROUP BY btrim(e)) distinct_;
  IF EXISTS (SELECT FROM unnest(result) t WHERE length(t) > 4096) THEN
    PERFORM capa.fail('too_big', format('A text of "%s" is longer than 4096 characters.', name_));
  END IF;
  RETURN result;
END $$;
