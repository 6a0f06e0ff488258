-- What api.tick does for events: roll up their counts.
CREATE OR REPLACE FUNCTION capa.tick_events() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.rollup();
END $$;
