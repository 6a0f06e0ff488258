-- Which sources were heard by which subscription, as a batch says: [["subscription","source"],...]. Only what is new is written, and no more than
-- 10,000 sources of one subscription: one that carries more should say so by prefixes. How many there are is counted where something is new, not
-- with each batch.
CREATE OR REPLACE FUNCTION capa.link_heard(heard jsonb) RETURNS void LANGUAGE sql AS $$
  WITH fresh AS MATERIALIZED (
    SELECT f.*, row_number() OVER (PARTITION BY f.link ORDER BY f.source) AS place
    FROM (SELECT DISTINCT h ->> 0 AS link, h ->> 1 AS source FROM jsonb_array_elements(heard) h) f
    WHERE NOT EXISTS (SELECT FROM capa.link_source x WHERE x.link = f.link AND x.source = f.source)),
  room AS MATERIALIZED (
    SELECT l.link, 10000 - (SELECT count(*) FROM capa.link_source x WHERE x.link = l.link) AS n FROM (SELECT DISTINCT link FROM fresh) l)
  INSERT INTO capa.link_source (link, source)
  SELECT f.link, f.source FROM fresh f JOIN room r ON r.link = f.link AND f.place <= r.n ORDER BY 1, 2 ON CONFLICT DO NOTHING
$$;
