-- Forgets what no window can hold any more, and all but the newest of what was expected and came, once what it ended is written down.
CREATE OR REPLACE FUNCTION capa.windows_prune() RETURNS void LANGUAGE sql AS $$
  DELETE FROM capa.counted WHERE until < capa.now();
  SELECT capa.missed_end();
  DELETE FROM capa.passed p WHERE EXISTS (SELECT FROM capa.passed q WHERE q.fingerprint = p.fingerprint AND q.observed > p.observed)
    OR p.received < capa.now() - interval '1 day' AND NOT EXISTS (SELECT FROM capa.expectation e WHERE e.fingerprint = p.fingerprint);
$$;
