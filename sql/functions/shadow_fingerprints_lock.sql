-- As capa.shadow_ingest_lock: nothing to wait for.
CREATE OR REPLACE FUNCTION capa.shadow_fingerprints_lock(ncs int[], wait_ boolean DEFAULT true) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
