-- A refused short closing retracts its need: the NC is back where its other facts put it, in the same cycle, and its voided
-- deadlines open again (SEMANTICS section 6).
CREATE OR REPLACE FUNCTION capa.short_closing_undo(n capa.nc, who text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.record_retract(r.id, who, why) FROM capa.record r
    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'need' AND r.retracted_at IS NULL ORDER BY r.id;
  PERFORM capa.cycle_resumed(n);
  n.state := 'analysed';
  n.closed_at := NULL;
  n.closed_how := NULL;
  n.closed_by := NULL;
  PERFORM capa.put('nc', to_jsonb(n));
END $$;
