-- A number such that all events up to it were received before a moment: what bounds a search by time, which no index holds.
-- A seal is made after all of its events came.
CREATE OR REPLACE FUNCTION capa.eventno_at(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT s.last FROM capa.seal s WHERE s.at <= moment ORDER BY s.at DESC LIMIT 1), 0)
$$;
