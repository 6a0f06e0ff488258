-- Who cannot be reached, has left or is absent, with what is open of each: "people" of `status`. Without a people file nobody
-- can be reached: every owner counts.
CREATE OR REPLACE FUNCTION capa.people_status() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  now_ timestamptz := capa.now();
  zone text := capa.people_zone();
  people_ jsonb := coalesce(capa.people() -> 'people', '{}');
  index jsonb := coalesce(capa.people_names(), '{}');
BEGIN
  RETURN (
    WITH open_ AS (
      SELECT o.key, min(o.owner) AS owner, count(*) AS n FROM capa.owned_open() o GROUP BY o.key
    ), person AS (
      SELECT p.key AS name, p.value AS body, coalesce(o.n, 0) AS n, coalesce(capa.entry_left_at(p.value, zone) <= now_, false) AS gone,
             capa.entry_absent_until(p.value, (now_ AT TIME ZONE zone)::date) AS until
      FROM jsonb_each(people_) p LEFT JOIN open_ o ON o.key = capa.name_key(p.key)
      WHERE p.value ?| ARRAY['left', 'absent']
    )
    SELECT jsonb_build_object('loaded', capa.people() IS NOT NULL,
      'unreachable', coalesce((SELECT jsonb_agg(jsonb_build_object('name', o.owner, 'open', o.n) ORDER BY o.n DESC, o.owner) FROM open_ o
         WHERE NOT coalesce(index -> 'person' ? o.key, false)
           AND coalesce(index -> 'group' -> o.key -> 'people', '[]') = '[]'), '[]'),
      'left', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'left', body ->> 'left', 'open', n) ORDER BY name)
         FROM person WHERE gone), '[]'),
      'absent', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'until', until, 'deputy', body ->> 'deputy', 'open', n)
         ORDER BY name) FROM person WHERE until IS NOT NULL AND NOT gone), '[]')));
END $$;
