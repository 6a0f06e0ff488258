-- How many events had been stored up to a moment, from the seals, which outlive the events; null where the seal over the moment covers events that
-- retention took, since it doesn't say how many of them came after.
CREATE OR REPLACE FUNCTION capa.as_of_stored(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM capa.seal s WHERE s.last > sealed.last
                           AND s.id = (SELECT min(id) FROM capa.seal WHERE last > sealed.last)
                           AND NOT EXISTS (SELECT FROM capa.event e WHERE e.eventno = s.first)) THEN NULL
              ELSE sealed.n + (SELECT count(*) FROM capa.event e WHERE e.eventno > sealed.last AND e.received <= moment) END
  FROM (SELECT coalesce(sum(s.n), 0) AS n, coalesce(max(s.last), 0) AS last FROM capa.seal s WHERE s.at <= moment) sealed
$$;
