-- When each daemon's link of each subscription stood, or did not. What has not ended lasts as long as its daemon tells of its links: one that
-- told nothing for a minute by the wall clock is taken to have gone when it last did (as capa.present has it).
CREATE OR REPLACE VIEW capa.link_interval AS
SELECT l.name, l.daemon, l.sources, l.up, l.from_at,
       coalesce(l.to_at, CASE WHEN d.there THEN 'infinity' ELSE greatest(d.at, l.from_at) END) AS to_at,
       l.to_at IS NULL AND d.there AS lasts, l.to_at AS ended_at
FROM capa.link l CROSS JOIN LATERAL (
  SELECT coalesce(max(x.at), l.from_at) AS at, coalesce(bool_or(clock_timestamp() - x.beat BETWEEN '0' AND '60 seconds'), false) AS there
  FROM capa.link_daemon x WHERE x.daemon = l.daemon) d;
