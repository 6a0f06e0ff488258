-- The settings in force, for status: {"version","at","values":{name: as the file writes it},"changed":{name: what it is without a configuration}}. Version
-- 0: none was loaded.
CREATE OR REPLACE FUNCTION capa.settings_status() RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH part AS (
    SELECT s.name || coalesce('.' || m.key, '') AS name, coalesce(m.value, s.value) AS value, coalesce(s.standard -> m.key, s.standard) AS standard
    FROM capa.setting s LEFT JOIN LATERAL jsonb_each(CASE WHEN s.standard ? 'within' THEN s.value ELSE '{}' END) m ON true WHERE s.standard IS NOT NULL
  ), said AS (
    SELECT p.name, t.value, t.standard FROM part p CROSS JOIN LATERAL (
      SELECT CASE jsonb_typeof(p.value) WHEN 'object' THEN to_jsonb(capa.span_text(p.value)) ELSE p.value END AS value,
             CASE jsonb_typeof(p.standard) WHEN 'object' THEN to_jsonb(capa.span_text(p.standard)) ELSE p.standard END AS standard) t
  )
  SELECT jsonb_build_object('version', coalesce(l.version, 0), 'at', capa.rfc3339(l.at),
    'values', (SELECT jsonb_object_agg(name, value) FROM said),
    'changed', (SELECT coalesce(jsonb_object_agg(name, standard) FILTER (WHERE value <> standard), '{}') FROM said))
  FROM (SELECT 1) one LEFT JOIN (SELECT version, at FROM capa.loaded WHERE kind = 'settings' ORDER BY version DESC LIMIT 1) l ON true
$$;
