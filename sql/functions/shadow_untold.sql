-- A replay keeps no changes for a journal, so none of them waits to be told.
CREATE OR REPLACE FUNCTION capa.shadow_untold() RETURNS bigint LANGUAGE sql AS $$ SELECT NULL::bigint $$;
