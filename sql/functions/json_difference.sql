-- What changed between two JSON documents: one row for each place where they differ, as a pointer. Objects are compared
-- member by member, anything else as a whole.
CREATE OR REPLACE FUNCTION capa.json_difference(before_ jsonb, after_ jsonb, pointer_ text DEFAULT '')
RETURNS TABLE (pointer text, was jsonb, now_is jsonb) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  key_ text;
BEGIN
  IF before_ IS NOT DISTINCT FROM after_ THEN
    RETURN;
  ELSIF jsonb_typeof(before_) = 'object' AND jsonb_typeof(after_) = 'object' THEN
    FOR key_ IN SELECT jsonb_object_keys(before_) UNION SELECT jsonb_object_keys(after_) ORDER BY 1 LOOP
      RETURN QUERY SELECT * FROM capa.json_difference(
        before_ -> key_, after_ -> key_, pointer_ || '/' || replace(replace(key_, '~', '~0'), '/', '~1'));
    END LOOP;
  ELSE
    RETURN QUERY VALUES (pointer_, before_, after_);
  END IF;
END $$;
