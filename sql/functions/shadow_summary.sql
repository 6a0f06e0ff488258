-- What is told of an NC with each change: nobody reads it in a replay.
CREATE OR REPLACE FUNCTION capa.shadow_summary(nc_ int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT '{}'::jsonb $$;
