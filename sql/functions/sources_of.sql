-- The sources whose silence would prove something of an NC: that of the event which raised it; of an NC that says what did not come, that of
-- what is expected.
CREATE OR REPLACE FUNCTION capa.sources_of(n capa.nc) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN n.source = 'capad' THEN capa.expected_sources(n.rule, n.rule_hash, n.fingerprint) ELSE ARRAY[n.source] END
$$;
