-- The settings as they were, in the session's temporary schema: of what pg_temp.loaded has. Where none was ever loaded they are those of now.
CREATE OR REPLACE FUNCTION capa.as_of_setting() RETURNS void LANGUAGE plpgsql SET client_min_messages = warning AS $$
BEGIN
  EXECUTE 'CREATE TEMPORARY VIEW setting AS SELECT s.name, coalesce(v.value, s.value) AS value, s.standard FROM capa.setting s LEFT JOIN jsonb_each(
    CASE WHEN EXISTS (SELECT FROM capa.loaded WHERE kind = ''settings'')
         THEN capa.settings_of((SELECT l.body FROM pg_temp.loaded l WHERE l.kind = ''settings'' ORDER BY l.version DESC LIMIT 1)) END) v ON v.key = s.name';
END $$;
