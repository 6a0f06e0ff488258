-- Separation of duties bars somebody: lets it pass once, with a reason, where the NC's policy says "waivable", and never for
-- critical or external findings (PRODUCT, small organisations); else refuses. Recorded as `waiver`, which is counted.
--   use_      what is done: approve, verify, confirm
--   sentence  why the caller is barred; hint what else to do
CREATE OR REPLACE FUNCTION capa.waive(n capa.nc, params jsonb, use_ text, actor text, sentence text, hint text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  reason_ text := capa.param_text(params, 'waive', 1024);
  never text := CASE
    WHEN capa.policy_of(n.id) ->> 'sod' IS DISTINCT FROM 'waivable' THEN 'the policy under which it was raised is strict'
    WHEN n.grade = 'critical' THEN 'it is critical'
    WHEN capa.external_finding(n) THEN 'it is a finding from outside' END;
BEGIN
  IF reason_ IS NULL THEN
    PERFORM capa.fail('refused', sentence, NULL, hint || CASE WHEN never IS NULL
      THEN ' If there is nobody else: --waive REASON, which is counted and stands in the review.' ELSE '' END);
  ELSIF never IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s Separation of duties cannot be waived for NC-%s: %s.', sentence, n.id, never), NULL, hint);
  END IF;
  PERFORM capa.record_put(n, 'waiver', jsonb_build_object('use', use_, 'reason', reason_, 'why', sentence), actor);
END $$;
