-- After a method has put its rows: counts the NC's version up, tells one journal row with what was recorded, and lets the NC
-- advance. topic_: nc.changed, action.added, ...; what_: the method; ref_: NC-17 or CA-42; sentence_: for people
-- who read the log; more: further members of the message's data.
CREATE OR REPLACE FUNCTION capa.changed(nc_ int, topic_ text, what_ text, ref_ text, sentence_ text,
                                        more jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  n.version := n.version + 1;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.tell(topic_, what_, ref_, nc_,
    jsonb_build_object('what', what_, 'sentence', sentence_, 'nc', capa.summary(nc_)) || more);
  PERFORM capa.advance(nc_, what_);
END $$;
