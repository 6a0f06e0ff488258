-- Whole milliseconds until a moment, rounded up so that a timer never rings early; 0 if it is past, null for null.
CREATE OR REPLACE FUNCTION capa.ms_until(at timestamptz) RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT greatest(0, ceil(extract(epoch FROM at - capa.now()) * 1000))::bigint WHERE at IS NOT NULL
$$;
