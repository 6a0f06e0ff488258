-- A replay writes no journal and wakes no publisher.
CREATE OR REPLACE FUNCTION capa.shadow_append(who text) RETURNS bigint LANGUAGE sql AS $$ SELECT NULL::bigint $$;
