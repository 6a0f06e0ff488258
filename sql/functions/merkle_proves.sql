-- Whether a digest and its way up (capa.merkle) give this root.
CREATE OR REPLACE FUNCTION capa.merkle_proves(digest bytea, path jsonb, root bytea) RETURNS boolean LANGUAGE plpgsql
IMMUTABLE AS $$
DECLARE
  node bytea := sha256('\x00'::bytea || digest);
  step jsonb;
BEGIN
  FOR step IN SELECT s FROM jsonb_array_elements(path) WITH ORDINALITY x(s, i) ORDER BY i LOOP
    node := sha256('\x01'::bytea || CASE step ->> 0 WHEN 'l' THEN decode(step ->> 1, 'hex') || node
                                                    ELSE node || decode(step ->> 1, 'hex') END);
  END LOOP;
  RETURN node = root;
END $$;
