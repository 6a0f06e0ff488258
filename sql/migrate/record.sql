-- $1 name, $2 sha256 of a migration that was applied just now
INSERT INTO capa.migration (name, sha256) VALUES ($1, $2);
