-- The bytes of an event as text of JSON. It was strict JSON when it was taken in, or stood in a text of its message that was: then its bytes are its
-- piece of that text, escaped as it came. Should it be neither any more, it is shown as null.
CREATE OR REPLACE FUNCTION capa.body_text(body bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(body, 'UTF8')::json::text;
EXCEPTION WHEN data_exception THEN
  BEGIN
    RETURN (('["' || convert_from(body, 'UTF8') || '"]')::json ->> 0)::json::text;
  EXCEPTION WHEN data_exception THEN
    RETURN 'null';
  END;
END $$;
