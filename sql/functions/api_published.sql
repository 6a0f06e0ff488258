-- A publisher's new place: all up to seq is on the bus. Returns it. Never goes back.
CREATE OR REPLACE FUNCTION api.published(name text, seq bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
  INSERT INTO capa.publisher AS p (name, seq, at) VALUES ($1, $2, capa.now())
  ON CONFLICT (name) DO UPDATE SET seq = greatest(p.seq, EXCLUDED.seq), at = EXCLUDED.at
  RETURNING p.seq
$$;
