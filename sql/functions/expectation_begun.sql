-- When the first event after a moment was observed that another one must follow; null if there is none.
CREATE OR REPLACE FUNCTION capa.expectation_begun(e capa.expectation, after_ timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT min(k.observed) FROM capa.counted k WHERE k.fingerprint = e.fingerprint AND k.rule_hash = e.rule_hash AND k.observed > after_
$$;
