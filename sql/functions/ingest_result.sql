-- What is kept and answered of an event's effects, as JSON text: [{"effect":"occurrence","nc":"NC-17"}]. The cast lets it be inlined.
CREATE OR REPLACE FUNCTION capa.ingest_result(outcome_ text, nc_ int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '{"effect":"' || outcome_ || '"' || CASE WHEN nc_ IS NULL THEN '' ELSE ',"nc":"NC-' || nc_::text || '"' END || '}'
$$;
