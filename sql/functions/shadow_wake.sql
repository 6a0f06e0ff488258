-- A replay has no timers to wake: who plays it asks what is due (capa.shadow_next).
CREATE OR REPLACE FUNCTION capa.shadow_wake(at timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT NULL::void WHERE false $$;
