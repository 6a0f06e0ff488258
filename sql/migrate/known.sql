-- Migrations that this database has, in order -> (name, sha256)
SELECT name, sha256 FROM capa.migration ORDER BY name;
