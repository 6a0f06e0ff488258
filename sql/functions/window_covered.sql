-- The window of an event_silence criterion (SEMANTICS sections 5 and 6): it counts covered time only. ends_ is its end by the
-- calendar, since_ the last action done. The rule that counts is the NC's as it was loaded at the last action done, or at the
-- criterion if that was set later: a rule that changes meanwhile proves nothing from then on, until somebody says by a new
-- criterion that the changed rule is still the right one; then only time under that rule counts. While it is uncovered
-- the end moves on; it is looked at again after an hour at the latest, sooner where the whole window is short.
-- coverage: what show says of it.
CREATE OR REPLACE FUNCTION capa.window_covered(n capa.nc, since_ timestamptz, set_at_ timestamptz, ends_ timestamptz,
                                               OUT ends timestamptz, OUT hash text, OUT uncovered_ interval)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  to_ timestamptz := coalesce(n.closed_at, capa.now());
  c record;
BEGIN
  hash := coalesce(capa.rule_hash_at(n.rule, greatest(since_, set_at_)), n.rule_hash);
  SELECT * INTO c FROM capa.covered_end(n.rule, hash, since_, ends_, to_, n.id);
  uncovered_ := c.uncovered_;
  ends := CASE WHEN c.open_ THEN greatest(c.ends, to_ + least(interval '1 hour', (ends_ - since_) / 10)) ELSE c.ends END;
END $$;
