-- Sets another grade by a person's decision and lets everything follow.
CREATE OR REPLACE FUNCTION capa.regrade(n capa.nc, to_ text, actor text, reason_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  was text := n.grade;
BEGIN
  PERFORM capa.record_put(n, 'regrade', jsonb_build_object('from', was, 'to', to_, 'reason', reason_), actor);
  n.grade := to_;
  n.grade_decided := true;
  n.triaged := true;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(n.id, 'nc.changed', 'regrade', 'NC-' || n.id, format('%s → %s: %s', was, to_, reason_));
END $$;
