-- The text of a fan-out's frame.
CREATE OR REPLACE FUNCTION capa.ingest_frame(batch jsonb, bodies bytea, frame_ int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT convert_from(substring(bodies FROM (batch -> 'frames' -> frame_ ->> 0)::int + 1
                                FOR (batch -> 'frames' -> frame_ ->> 1)::int), 'UTF8')
$$;
