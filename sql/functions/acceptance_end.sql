-- An acceptance ends, by time, an event or a decision: the NC is back where its facts put it, in the same cycle, and its phase
-- ladders run again. kind: the method or event that ended it; sentence_: for the log.
CREATE OR REPLACE FUNCTION capa.acceptance_end(nc_ int, kind text, sentence_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  n.state := capa.facts_state(nc_);
  n.accepted_until := NULL;
  n.accepted_grade := NULL;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(nc_, 'nc.changed', kind, 'NC-' || nc_, sentence_, jsonb_build_object('from', 'accepted', 'to', n.state));
END $$;
