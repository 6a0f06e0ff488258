-- The pointers to everything in a document that is no object, down to six levels; a list is one place.
CREATE OR REPLACE FUNCTION capa.json_pointers(document jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
  WITH RECURSIVE place AS (
    SELECT '' AS pointer, document AS value, 0 AS depth
    UNION ALL
    SELECT p.pointer || '/' || replace(replace(m.key, '~', '~0'), '/', '~1'), m.value, p.depth + 1
    FROM place p CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(p.value) = 'object' THEN p.value ELSE '{}' END) m WHERE p.depth < 6)
  SELECT p.pointer FROM place p WHERE jsonb_typeof(p.value) <> 'object' AND p.pointer <> ''
$$;
