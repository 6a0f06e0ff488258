-- What a replay's register tells, in the place of the journal: enough to answer what was closed, and that something has changed.
CREATE OR REPLACE FUNCTION capa.shadow_tell(topic text, kind text, ref text, nc int, data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pg_temp.told (at, topic, nc) VALUES (capa.now(), topic, nc);
END $$;
