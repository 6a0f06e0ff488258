-- A pass of a fingerprint: what was held back of it before needs no second look.
CREATE OR REPLACE FUNCTION capa.mute_passed(fingerprint_ bytea, hit capa.ingest_hit) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM pg_temp.capa_muted m WHERE m.fingerprint = fingerprint_ AND m.silence IS NOT NULL AND m.observed <= hit.observed;
  UPDATE capa.muted SET looked = true WHERE fingerprint = fingerprint_ AND NOT looked AND observed <= hit.observed;
END $$;
