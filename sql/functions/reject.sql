-- Leaves an NC as rejected. Its failure is held back until a date, under the rule as it is now (SEMANTICS, PRODUCT "What an
-- event does").
CREATE OR REPLACE FUNCTION capa.reject(n capa.nc, reason_ text, suppress_ jsonb, who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  n.state := 'rejected';
  n.left_why := reason_;
  n.closed_at := capa.now();
  n.closed_by := who;
  n.closed_how := NULL;
  n.accepted_until := NULL;
  n.accepted_grade := NULL;
  IF n.fingerprint IS NOT NULL THEN
    n.suppressed_until := n.closed_at + capa.span_interval(suppress_);
    n.rule_hash := coalesce(capa.rule_now(n.rule) ->> 'hash', n.rule_hash);
  END IF;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.cycle_ended(n, 'rejected', who, n.closed_at);
  PERFORM capa.changed(n.id, 'nc.changed', 'reject', 'NC-' || n.id, 'rejected: ' || reason_,
    jsonb_strip_nulls(jsonb_build_object('suppressed_until', capa.rfc3339(n.suppressed_until), 'batch', 'B-' || n.batch)));
END $$;
