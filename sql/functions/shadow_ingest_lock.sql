-- A scratch register is one session's own: a replay takes none of the locks by which the live one is kept in order, so nobody waits for it.
CREATE OR REPLACE FUNCTION capa.shadow_ingest_lock(fingerprints text[]) RETURNS void LANGUAGE sql AS $$ SELECT NULL::void WHERE false $$;
