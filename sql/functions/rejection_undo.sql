-- One NC of a batch that is undone: as if it had never been rejected, but for its history.
CREATE OR REPLACE FUNCTION capa.rejection_undo(n capa.nc, batch_ int, reason_ text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.cycle_resumed(n);
  n.state := capa.facts_state(n.id);
  n.closed_at := NULL;
  n.closed_by := NULL;
  n.left_why := NULL;
  n.suppressed_until := NULL;
  n.batch := NULL;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(n.id, 'nc.changed', 'undo', 'NC-' || n.id, format('back in %s, B-%s was undone: %s', n.state, batch_, reason_),
                       jsonb_build_object('batch', 'B-' || batch_));
END $$;
