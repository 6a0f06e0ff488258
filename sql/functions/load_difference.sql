-- What the journal says of a loaded configuration: of rules the names that came, went and changed; of settings by their names, the first
-- against those without a configuration; of anything else the places that changed, with before and after (at most 200; `more` counts the rest).
CREATE OR REPLACE FUNCTION capa.load_difference(kind_ text, before_ jsonb, after_ jsonb)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH difference AS (
    SELECT d.*, row_number() OVER (ORDER BY pointer) AS place FROM capa.json_difference(
      CASE kind_ WHEN 'rules' THEN capa.rules_by_id(before_) WHEN 'settings' THEN capa.settings_of(coalesce(before_, '{}')) ELSE coalesce(before_, '{}') END,
      CASE kind_ WHEN 'rules' THEN capa.rules_by_id(after_) WHEN 'settings' THEN capa.settings_of(after_) ELSE after_ END) d),
  rule_ AS (
    SELECT DISTINCT split_part(pointer, '/', 2) AS id,
           CASE WHEN pointer !~ '^/[^/]*$' THEN 'changed' WHEN was IS NULL THEN 'added' ELSE 'removed' END AS how
    FROM difference)
  SELECT CASE kind_ WHEN 'rules' THEN
    (SELECT jsonb_build_object(
       'added', coalesce(jsonb_agg(id ORDER BY id) FILTER (WHERE how = 'added'), '[]'),
       'removed', coalesce(jsonb_agg(id ORDER BY id) FILTER (WHERE how = 'removed'), '[]'),
       'changed', coalesce(jsonb_agg(id ORDER BY id) FILTER (WHERE how = 'changed'), '[]')) FROM rule_)
  ELSE
    (SELECT jsonb_build_object(
       'places', coalesce(jsonb_agg(jsonb_build_object('path', pointer, 'from', was, 'to', now_is)
                                    ORDER BY place) FILTER (WHERE place <= 200), '[]'),
       'more', count(*) FILTER (WHERE place > 200)) FROM difference)
  END
$$;
