-- A span, or null if it is absent or nothing at all: a step repeated every nothing would never end.
CREATE OR REPLACE FUNCTION capa.span_or_null(span jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT span WHERE EXISTS (SELECT FROM jsonb_each_text(nullif(span, 'null')) WHERE value::numeric > 0)
$$;
