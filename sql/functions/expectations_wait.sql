-- Open NCs whose grade grows without a pass, and that nobody waits for yet: from now on. Level-triggered, so that no event has to
-- remember it; one index look-up where no rule in force grows so.
CREATE OR REPLACE FUNCTION capa.expectations_wait(ruleset_ text, now_ timestamptz) RETURNS void LANGUAGE sql AS $$
  INSERT INTO capa.expectation (rule, fingerprint, step, subject, rule_hash, nc, from_at, due)
  SELECT r.id, n.fingerprint, g.step, 'NC-' || n.id, r.hash, n.id, now_, now_
  FROM capa.rule r CROSS JOIN LATERAL jsonb_array_elements(r.growth) WITH ORDINALITY AS g(growth, step)
  JOIN capa.nc n ON n.rule = r.id AND NOT capa.has_left(n.state)
  WHERE r.ruleset = ruleset_ AND r.growth @? '$[*].no_pass_for' AND capa.expectation_waits(n, g.growth) AND n.fingerprint IS NOT NULL
    AND NOT EXISTS (SELECT FROM capa.expectation e WHERE e.rule = r.id AND e.fingerprint = n.fingerprint AND e.step = g.step)
  ON CONFLICT DO NOTHING
$$;
