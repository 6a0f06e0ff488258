-- The one clock of the register: the wall clock moved by the owner's shift (0 in production).
CREATE OR REPLACE FUNCTION capa.now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
  SELECT clock_timestamp() + shift FROM capa.clock
$$;
