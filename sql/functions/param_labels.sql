-- Labels {"site":"berlin"}: names of letters, digits and . _ - of at most 64, values texts or numbers of at most 256; null where absent.
CREATE OR REPLACE FUNCTION capa.param_labels(params jsonb, name_ text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  given jsonb := nullif(params -> name_, 'null');
  bad text;
BEGIN
  IF given IS NULL THEN
    RETURN NULL;
  ELSIF jsonb_typeof(given) <> 'object' THEN
    PERFORM capa.fail('invalid', format('"%s" must be an object such as {"site":"berlin"}.', name_));
  END IF;
  SELECT key INTO bad FROM jsonb_each(given)
    WHERE key !~ '^[[:alnum:]._-]{1,64}$' OR jsonb_typeof(value) NOT IN ('string', 'number')
       OR length(btrim(value #>> '{}')) NOT BETWEEN 1 AND 256 ORDER BY key LIMIT 1;
  IF bad IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('The label "%s" is none: a name is of letters, digits, and . _ -; its value a text of at most 256 characters.',
                                        left(bad, 80)), NULL, 'Labels look like site=berlin.');
  END IF;
  RETURN (SELECT coalesce(jsonb_object_agg(key, btrim(value #>> '{}')), '{}') FROM jsonb_each(given));
END $$;
