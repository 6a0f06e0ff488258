-- Observed time (SEMANTICS section 5): the event's own time, or the receipt where that is absent, ahead of the receipt, or
-- further back than one believes.
CREATE OR REPLACE FUNCTION capa.observed(us bigint, received timestamptz, back interval) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN to_timestamp(us / 1e6) BETWEEN received - back AND received THEN to_timestamp(us / 1e6)
              ELSE received END
$$;
