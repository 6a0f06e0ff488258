-- A recorded value without its free texts: each text becomes "[redacted]", but references, hashes, dates, and what a fixed
-- list of words allows (category, method, verdict, ...).
CREATE OR REPLACE FUNCTION capa.redacted_json(value jsonb, key_ text DEFAULT '') RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  CASE jsonb_typeof(value)
  WHEN 'object' THEN
    RETURN (SELECT coalesce(jsonb_object_agg(key, capa.redacted_json(m.value, key)), '{}') FROM jsonb_each(value) AS m);
  WHEN 'array' THEN
    RETURN (SELECT coalesce(jsonb_agg(capa.redacted_json(e, key_) ORDER BY no), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS x(e, no));
  WHEN 'string' THEN
    IF key_ IN ('category', 'method', 'verdict', 'fact', 'use', 'kind', 'state', 'grade', 'from', 'to', 'need', 'by', 'author',
                'authors', 'waived_by')
       OR value #>> '{}' ~ '^([A-Z]+-[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.+Z-]+)?|[0-9a-f]{64}|none)$' THEN
      RETURN value;
    END IF;
    RETURN '"[redacted]"';
  ELSE
    RETURN value;
  END CASE;
END $$;
