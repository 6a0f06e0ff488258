-- The clock of a replay: it stands at the receipt of what is played (capa.shadow_move). In the scratch register in the place of capa.now().
CREATE OR REPLACE FUNCTION capa.shadow_now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT r.at FROM pg_temp.replay r);
END $$;
