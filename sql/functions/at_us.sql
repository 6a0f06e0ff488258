-- Microseconds since 1970 as a moment; a double holds them to the microsecond.
CREATE OR REPLACE FUNCTION capa.at_us(us bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(us / 1000000::float8)
$$;
