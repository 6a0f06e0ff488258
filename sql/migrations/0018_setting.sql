-- What a setting is while no configuration says otherwise. What was loaded stands in capa.loaded (kind settings), and
-- capa.setting.value is made from it (capa.settings_apply). Null: not for configurations.
ALTER TABLE capa.setting ADD standard jsonb;
UPDATE capa.setting SET standard = value WHERE name NOT IN ('retention.batch', 'seal_every', 'seal_events');
