-- A moment as microseconds since 1970.
CREATE OR REPLACE FUNCTION capa.us_of(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(epoch FROM at) * 1000000)::bigint
$$;
