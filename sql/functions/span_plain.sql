-- A span without the members that are nothing.
CREATE OR REPLACE FUNCTION capa.span_plain(span jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(span) WHERE value <> '0'
$$;
