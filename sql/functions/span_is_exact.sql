-- Whether a span was given in s, m or h alone: such a deadline never waits for working hours.
CREATE OR REPLACE FUNCTION capa.span_is_exact(span jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce((span ->> 'mo')::int, 0) = 0 AND coalesce((span ->> 'd')::int, 0) = 0
         AND coalesce((span ->> 'bd')::int, 0) = 0
$$;
