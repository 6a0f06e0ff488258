-- A span as people write it: "6mo", "60d", "36h", "90s".
CREATE OR REPLACE FUNCTION capa.span_text(span jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(x.n || x.unit, ' ' ORDER BY x.place), '0s') FROM (
    SELECT 1 AS place, (span ->> 'mo')::bigint AS n, 'mo' AS unit
    UNION ALL SELECT 2, (span ->> 'd')::bigint, 'd'
    UNION ALL SELECT 3, (span ->> 'bd')::bigint, 'bd'
    UNION ALL SELECT 4, (span ->> 's')::bigint / CASE WHEN (span ->> 's')::bigint % 3600 = 0 THEN 3600 WHEN (span ->> 's')::bigint % 60 = 0 THEN 60 ELSE 1 END,
                     CASE WHEN (span ->> 's')::bigint % 3600 = 0 THEN 'h' WHEN (span ->> 's')::bigint % 60 = 0 THEN 'm' ELSE 's' END) x
  WHERE x.n > 0
$$;
