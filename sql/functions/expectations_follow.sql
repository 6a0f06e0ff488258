-- What is expected under a rule set that was just loaded. Subjects that are listed no more and rules that are gone are expected no
-- more; of a rule that changed everything begins anew; what did not change goes on as it was. An unknown zone is refused.
CREATE OR REPLACE FUNCTION capa.expectations_follow(ruleset_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r capa.rule;
  expect jsonb;
  first_ record;
  next_ timestamptz;
BEGIN
  LOCK TABLE capa.expectation IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM capa.expectation e WHERE NOT EXISTS (
    SELECT FROM capa.rule x WHERE x.ruleset = ruleset_ AND x.id = e.rule AND coalesce((x.body ->> 'enabled')::boolean, true)
      AND CASE WHEN e.step > 0 THEN x.hash = e.rule_hash
               WHEN x.windows -> 'expect' ->> 'kind' = 'after' THEN x.hash = e.rule_hash
               ELSE x.windows ? 'expect' AND (x.hash = e.rule_hash OR x.windows -> 'expect' ? 'subjects' OR x.windows -> 'expect' ->> 'by' =
                      (SELECT y.windows -> 'expect' ->> 'by' FROM capa.rule y WHERE y.id = e.rule AND y.hash = e.rule_hash LIMIT 1))
                    AND (NOT x.windows -> 'expect' ? 'subjects' OR EXISTS (
                      SELECT FROM jsonb_array_elements(x.windows -> 'expect' -> 'subjects') s WHERE decode(s ->> 'fp', 'hex') = e.fingerprint)) END);
  FOR r IN SELECT * FROM capa.rule x WHERE x.ruleset = ruleset_ AND x.windows ? 'expect' AND x.windows -> 'expect' ->> 'kind' <> 'after'
             AND coalesce((x.body ->> 'enabled')::boolean, true) ORDER BY x.no LOOP
    expect := r.windows -> 'expect';
    PERFORM capa.zone_check(r.id, expect ->> 'zone');
    SELECT * INTO first_ FROM capa.expectation_first(expect, capa.now());
    UPDATE capa.expectation e SET rule_hash = r.hash, from_at = first_.from_at, due = first_.due
    WHERE e.rule = r.id AND e.step = 0 AND e.rule_hash <> r.hash;
    INSERT INTO capa.expectation (rule, fingerprint, step, subject, rule_hash, from_at, due)
    SELECT r.id, decode(s ->> 'fp', 'hex'), 0, s ->> 'name', r.hash, first_.from_at, first_.due
    FROM jsonb_array_elements(expect -> 'subjects') s ON CONFLICT DO NOTHING;
  END LOOP;
  PERFORM capa.missed_end();
  SELECT min(due) INTO next_ FROM capa.expectation;
  IF next_ < 'infinity' THEN
    PERFORM capa.wake(next_);
  END IF;
END $$;
