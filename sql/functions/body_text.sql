-- The bytes of an event as text. It was strict JSON when it was taken in; should it not be any more, it is shown as null.
CREATE OR REPLACE FUNCTION capa.body_text(body bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(body, 'UTF8')::json::text;
EXCEPTION WHEN data_exception THEN
  RETURN 'null';
END $$;
