-- Leaves an NC as rejected. Its failure is held back until a date, under the rule as it is now (SEMANTICS, PRODUCT "What an
-- event does").
CREATE OR REPLACE FUNCTION capa.reject(n capa.nc, reason_ text, suppress_ jsonb, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c capa.cycle;
BEGIN
  n.state := 'rejected';
  n.left_why := reason_;
  n.closed_at := capa.now();
  n.closed_by := who;
  n.closed_how := NULL;
  IF n.fingerprint IS NOT NULL THEN
    n.suppressed_until := n.closed_at + capa.span_interval(suppress_);
    n.rule_hash := coalesce(capa.rule_now(n.rule) ->> 'hash', n.rule_hash);
  END IF;
  PERFORM capa.put('nc', to_jsonb(n));
  SELECT * INTO STRICT c FROM capa.cycle WHERE nc = n.id AND no = n.cycle;
  c.ended_at := n.closed_at;
  c.ended_as := 'rejected';
  c.ended_by := who;
  PERFORM capa.put('cycle', to_jsonb(c));
  PERFORM capa.changed(n.id, 'nc.changed', 'reject', 'NC-' || n.id, 'rejected: ' || reason_,
    jsonb_build_object('suppressed_until', capa.rfc3339(n.suppressed_until)));
END $$;
