-- Why a value cannot be a setting's, or null: it has the kind of the one that holds without a configuration. A span is longer than
-- nothing; a limit is a number within a span, and 0 switches it off.
CREATE OR REPLACE FUNCTION capa.setting_flaw(standard_ jsonb, value_ jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN jsonb_typeof(standard_) = 'number' THEN
      CASE WHEN jsonb_typeof(value_) IS DISTINCT FROM 'number' OR value_::text !~ '^[0-9]{1,15}$' THEN 'a whole number is expected' END
    WHEN jsonb_typeof(value_) IS DISTINCT FROM 'object' THEN 'a span is expected'
    WHEN standard_ ? 'within' THEN
      CASE WHEN (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(value_) k) IS DISTINCT FROM (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(standard_) k)
           THEN format('its members are %s', (SELECT string_agg(k, ' and ' ORDER BY k) FROM jsonb_object_keys(standard_) k))
           ELSE (SELECT min(capa.setting_flaw(m.value, value_ -> m.key)) FROM jsonb_each(standard_) m) END
    WHEN EXISTS (SELECT FROM jsonb_each(value_) m WHERE m.key <> ALL ('{mo,d,bd,s}') OR m.value::text !~ '^[0-9]{1,10}$') OR capa.span_or_null(value_) IS NULL
      THEN 'a span {"mo","d","bd","s"} is expected, longer than nothing' END
$$;
