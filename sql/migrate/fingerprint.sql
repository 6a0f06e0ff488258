-- $1 fingerprint of the functions that were applied just now
INSERT INTO capa.applied (fingerprint) VALUES ($1)
ON CONFLICT ((true)) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, at = clock_timestamp();
