-- The first event of a subject: from now on it is expected.
CREATE OR REPLACE FUNCTION capa.expectation_seen(c jsonb, r capa.rule) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF capa.expectation_lacks(r.id, decode(c ->> 'fp', 'hex'), r.windows) THEN
    INSERT INTO capa.expectation (rule, fingerprint, step, subject, rule_hash, from_at, due)
    SELECT r.id, decode(c ->> 'fp', 'hex'), 0, c ->> 'subject', r.hash, f.from_at, f.due
    FROM capa.expectation_first(r.windows -> 'expect', capa.now()) f ON CONFLICT DO NOTHING;
  END IF;
END $$;
