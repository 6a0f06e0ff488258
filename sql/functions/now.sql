-- The one clock of the register: the wall clock moved by the owner's shift (0 in production). In plpgsql, whose plan is
-- kept: it is asked often.
CREATE OR REPLACE FUNCTION capa.now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT clock_timestamp() + shift FROM capa.clock);
END $$;
