-- Makes the settings in force those of the newest loaded configuration, if one was loaded: what capa.load_one and capa.rebuild end with.
CREATE OR REPLACE FUNCTION capa.settings_apply() RETURNS void LANGUAGE sql AS $$
  UPDATE capa.setting s SET value = v.value
  FROM (SELECT l.body FROM capa.loaded l WHERE l.kind = 'settings' ORDER BY l.version DESC LIMIT 1) l
  CROSS JOIN LATERAL jsonb_each(capa.settings_of(l.body)) v WHERE v.key = s.name AND s.value IS DISTINCT FROM v.value
$$;
