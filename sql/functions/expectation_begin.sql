-- An event that another one must follow: it is counted until its time is over, and from the earliest one that is not answered
-- yet the other is expected.
CREATE OR REPLACE FUNCTION capa.expectation_begin(hit capa.ingest_hit, c jsonb, r capa.rule) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  due_ timestamptz := hit.observed + capa.span_interval(r.windows -> 'expect' -> 'every') + capa.span_interval(r.windows -> 'expect' -> 'grace');
BEGIN
  INSERT INTO pg_temp.capa_counted (fingerprint, rule_hash, observed, received, n, until)
  VALUES (decode(c ->> 'fp', 'hex'), r.hash, hit.observed, hit.received, hit.n, greatest(due_, hit.received) + interval '30 days');
  INSERT INTO capa.expectation AS e (rule, fingerprint, step, subject, rule_hash, from_at, due)
  VALUES (r.id, decode(c ->> 'fp', 'hex'), 0, c ->> 'subject', r.hash, hit.observed, due_)
  ON CONFLICT (rule, fingerprint, step) DO UPDATE SET from_at = EXCLUDED.from_at, due = EXCLUDED.due WHERE EXCLUDED.from_at < e.from_at;
END $$;
