-- Observed time (SEMANTICS section 5): the event's own time `us`, or the receipt where that is absent, ahead of the receipt, or
-- earlier than `oldest_us`, further back than one believes.
CREATE OR REPLACE FUNCTION capa.observed(us bigint, received timestamptz, received_us bigint, oldest_us bigint)
RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN us BETWEEN oldest_us AND received_us THEN capa.at_us(us) ELSE received END
$$;
