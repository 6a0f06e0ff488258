-- Events of one case, one after the other, and what they do (PRODUCT, "What an event does"). The caller holds the locks of
-- capa.ingest_lock. Writes nc and outcome into capa_hit.
CREATE OR REPLACE FUNCTION capa.ingest_run(hits capa.ingest_hit[], case_no_ int, batch jsonb, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  c jsonb := batch -> 'cases' -> case_no_;
  fingerprint_ bytea := decode(c ->> 'fp', 'hex');
  failed boolean := c ->> 'effect' = 'fail';
  r capa.rule;
  hit capa.ingest_hit;
  n capa.nc;
  outcome_ text;
  known boolean := false;
BEGIN
  SELECT * INTO STRICT r FROM capa.rule x WHERE x.ruleset = batch ->> 'ruleset' AND x.no = (c ->> 'rule')::int;
  FOREACH hit IN ARRAY hits LOOP
    IF NOT known THEN
      SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(fingerprint_);
    END IF;
    IF failed THEN
      outcome_ := capa.ingest_fail(n, hit, c, r, bodies);
      IF outcome_ IN ('raised', 'reopened', 'recurred') THEN
        SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(fingerprint_);
      END IF;
    ELSE
      outcome_ := CASE WHEN capa.pass_tells(n, fingerprint_) THEN 'evidence' ELSE 'none' END;
      IF outcome_ = 'evidence' AND n.state <> 'closed' AND capa.pass_proves(n.id) THEN
        PERFORM capa.ingest_pass(n.id, hit, bodies);
      END IF;
      IF outcome_ = 'evidence' THEN
        PERFORM capa.pending(n.id, 0, 1, NULL, NULL);
      END IF;
    END IF;
    -- A late fail condemns nothing, a follow-up neither.
    IF NOT (failed AND outcome_ = 'occurrence' AND n.state IN ('closed', 'verifying')) THEN
      PERFORM capa.follow_up_hear(fingerprint_, hit, failed, bodies);
    END IF;
    known := failed AND n.state NOT IN ('closed', 'verifying', 'rejected');
    UPDATE pg_temp.capa_hit h SET nc = CASE WHEN outcome_ <> 'none' THEN n.id END, outcome = outcome_
    WHERE h.n = hit.n AND h.case_no = case_no_;
  END LOOP;
  IF known THEN
    PERFORM capa.ingest_grow(n.id, hits[cardinality(hits)], c ->> 'grade', r.growth, bodies);
  END IF;
END $$;
