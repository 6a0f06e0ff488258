-- What a failed follow-up, or one missed twice in a row, does to its NC. Closed or in verifying, a new cycle begins: it is triaged
-- again. Otherwise it is a note and no second cycle: while it is worked on in another cycle, or accepted, it is open already;
-- if it was rejected or merged, or another NC of the fingerprint is open, a person has said where the failure belongs, and decides.
-- The caller holds the lock of its fingerprint (capa.fingerprints_lock), so that no other one is opened meanwhile.
CREATE OR REPLACE FUNCTION capa.follow_up_reopen(f capa.follow_up, why_ text, kind_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  was text;
  other int;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = f.nc;
  was := n.state;
  SELECT x.id INTO other FROM capa.nc x WHERE x.fingerprint = n.fingerprint AND x.id <> n.id AND NOT capa.has_left(x.state);
  IF was NOT IN ('closed', 'verifying') OR other IS NOT NULL THEN
    PERFORM capa.record_put(n, 'note', jsonb_build_object('text', why_ || CASE WHEN other IS NOT NULL
      THEN format('; NC-%s is open for the same failure', other) ELSE format('; NC-%s is %s', n.id, was) END), 'system');
    PERFORM capa.changed(n.id, 'nc.changed', kind_, 'NC-' || n.id, why_);
    RETURN;
  END IF;
  PERFORM capa.new_cycle(n.id, 'follow_up', 'triaged', why_);
  PERFORM capa.tell(CASE was WHEN 'closed' THEN 'nc.reopened' ELSE 'nc.recurred' END, kind_, 'NC-' || n.id, n.id, jsonb_build_object(
    'what', CASE was WHEN 'closed' THEN 'reopened' ELSE 'recurred' END, 'sentence', why_, 'follow_up', 'FU-' || f.id, 'nc', capa.summary(n.id)));
  PERFORM capa.advance(n.id, kind_);
END $$;
