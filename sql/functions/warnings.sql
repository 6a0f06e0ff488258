-- The "warnings" of a method's result from those that are not null; null if none is, so that capa.result leaves them out.
CREATE OR REPLACE FUNCTION capa.warnings(VARIADIC said text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_agg(w ORDER BY place) FROM unnest(said) WITH ORDINALITY AS x(w, place) WHERE w IS NOT NULL
$$;
