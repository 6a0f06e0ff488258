-- Which sources were heard by which subscription, as a batch says: [["subscription","source"],...]. Only what is new is written, and no more than
-- 10,000 sources of one subscription: one that carries more should say so by prefixes.
CREATE OR REPLACE FUNCTION capa.link_heard(heard jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO capa.link_source (link, source)
  SELECT h ->> 0, h ->> 1 FROM jsonb_array_elements(heard) h
  WHERE NOT EXISTS (SELECT FROM capa.link_source x WHERE x.link = h ->> 0 AND x.source = h ->> 1)
    AND (SELECT count(*) FROM capa.link_source x WHERE x.link = h ->> 0) < 10000
  ORDER BY 1, 2 ON CONFLICT DO NOTHING
$$;
