-- Refuses settings that the register could not work with (CA003): names it doesn't have, values of another kind. The daemon's reader has
-- checked names, kinds and bounds, with lines.
CREATE OR REPLACE FUNCTION capa.settings_check(body jsonb) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
  found_ record;
BEGIN
  SELECT * INTO found_ FROM (
    SELECT DISTINCT x.name_, 'there is no such setting' AS flaw
    FROM jsonb_each(body) t CROSS JOIN LATERAL (
      SELECT t.key WHERE NOT EXISTS (SELECT FROM capa.setting s WHERE starts_with(s.name, t.key || '.') OR s.name = t.key)
      UNION ALL
      SELECT t.key || '.' || m FROM jsonb_object_keys(CASE jsonb_typeof(t.value) WHEN 'object' THEN t.value ELSE '{}' END) m
      WHERE EXISTS (SELECT FROM capa.setting s WHERE starts_with(s.name, t.key || '.'))) AS x(name_)
    WHERE NOT EXISTS (SELECT FROM capa.setting s WHERE s.name = x.name_ AND s.standard IS NOT NULL)
    UNION ALL
    SELECT s.name, capa.setting_flaw(s.standard, body #> string_to_array(s.name, '.')) FROM capa.setting s
    WHERE s.standard IS NOT NULL AND body #> string_to_array(s.name, '.') IS NOT NULL) f
  WHERE f.flaw IS NOT NULL ORDER BY 1 LIMIT 1;
  IF FOUND THEN
    PERFORM capa.fail('invalid', format('The settings cannot be used: %s: %s.', found_.name_, found_.flaw), NULL,
                      'Correct "settings" in policy.json; `capad check` tells all that is wrong with them.');
  END IF;
END $$;
