-- A JSON pointer (RFC 6901) as the path that #> takes; null for one with * in it, which names many places, and for none.
CREATE OR REPLACE FUNCTION capa.pointer_path(pointer text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN pointer LIKE '/_%' AND NOT '*' = ANY (string_to_array(substr(pointer, 2), '/'))
              THEN ARRAY(SELECT replace(replace(s, '~1', '/'), '~0', '~') FROM unnest(string_to_array(substr(pointer, 2), '/')) WITH ORDINALITY AS x(s, o) ORDER BY o) END
$$;
