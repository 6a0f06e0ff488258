-- The subscriptions that some daemon holds now: whether any daemon's link of it stands, and since when it is so. A subscription has
-- failed when the last of its links has.
CREATE OR REPLACE VIEW capa.link_now AS
SELECT t.name, bool_or(t.up) AS up, CASE WHEN bool_or(t.up) THEN min(t.from_at) FILTER (WHERE t.up) ELSE max(t.from_at) END AS since
FROM capa.link_interval t WHERE t.lasts GROUP BY t.name;
