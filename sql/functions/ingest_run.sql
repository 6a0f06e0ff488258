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
  storm_ boolean := false;
  muted_ boolean;
BEGIN
  SELECT * INTO STRICT r FROM capa.rule x WHERE x.ruleset = batch ->> 'ruleset' AND x.no = (c ->> 'rule')::int;
  muted_ := failed AND capa.muting(hits[1].received) && ARRAY[r.id, '*'];
  IF c ? 'was' THEN
    PERFORM capa.adopt(fingerprint_, c -> 'was', r.id);
  END IF;
  FOREACH hit IN ARRAY hits LOOP
    IF NOT known THEN
      SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(fingerprint_);
    END IF;
    outcome_ := CASE WHEN muted_ THEN capa.mute_fail(r, c, hit, n) END;
    IF outcome_ IS NULL AND (r.windows IS NOT NULL OR c ? 'grows') THEN
      outcome_ := capa.window_holds(n, hit, c, r);
      hit.first_seen := least(hit.first_seen, capa.window_first());
    END IF;
    IF outcome_ IS NOT NULL THEN
      UPDATE pg_temp.capa_hit h SET nc = CASE WHEN outcome_ = 'occurrence' THEN n.id END, outcome = outcome_
      WHERE h.n = hit.n AND h.case_no = case_no_;
      known := false;
      CONTINUE;
    ELSIF failed THEN
      IF n.id IS NULL AND capa.storm_takes(r, hit.received) THEN
        storm_ := true;
        outcome_ := capa.storm_fail(hit, c, r, bodies);
        SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(decode(capa.storm_fingerprint(r.id), 'hex'));
      ELSE
        outcome_ := capa.ingest_fail(n, hit, c, r, bodies);
      END IF;
      IF NOT storm_ AND outcome_ IN ('raised', 'reopened', 'recurred') THEN
        SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(fingerprint_);
      END IF;
    ELSE
      PERFORM capa.mute_passed(fingerprint_, hit);
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
    IF r.windows IS NOT NULL THEN
      PERFORM capa.window_taken(n.id);
    END IF;
    UPDATE pg_temp.capa_hit h SET nc = CASE WHEN outcome_ <> 'none' THEN n.id END, outcome = outcome_
    WHERE h.n = hit.n AND h.case_no = case_no_;
  END LOOP;
  IF known THEN
    PERFORM capa.ingest_grow(n.id, hits[cardinality(hits)], c ->> 'grade', CASE WHEN NOT storm_ THEN r.growth END, bodies);
  END IF;
END $$;
