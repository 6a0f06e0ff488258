-- Events of one case, one after the other, and what they do (PRODUCT, "What an event does"). The caller holds the locks of
-- capa.ingest_lock. Writes nc and outcome into capa_hit.
CREATE OR REPLACE FUNCTION capa.ingest_run(hits capa.ingest_hit[], case_no_ int, batch jsonb, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  c jsonb := batch -> 'cases' -> case_no_;
  r capa.rule;
  hit capa.ingest_hit;
  n capa.nc;
  failed boolean := c ->> 'effect' = 'fail';
  outcome_ text;
BEGIN
  SELECT * INTO STRICT r FROM capa.rule x WHERE x.ruleset = batch ->> 'ruleset' AND x.no = (c ->> 'rule')::int;
  FOREACH hit IN ARRAY hits LOOP
    IF n.id IS NULL OR n.state IN ('closed', 'verifying', 'rejected') OR NOT failed THEN
      n := NULL;
      SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(decode(c ->> 'fp', 'hex'));
    END IF;
    IF failed THEN
      outcome_ := capa.ingest_fail(n, hit, c, r, batch, bodies);
      IF outcome_ = 'raised' THEN
        SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(decode(c ->> 'fp', 'hex'));
      ELSIF outcome_ IN ('reopened', 'recurred') THEN
        SELECT * INTO n FROM capa.nc WHERE id = n.id;
      END IF;
    ELSIF n.id IS NULL OR n.state = 'rejected' THEN
      outcome_ := 'none';
    ELSE
      outcome_ := 'evidence';
      IF n.state <> 'closed' AND capa.pass_proves(n.id) AND n.state <> 'verifying' THEN
        PERFORM capa.ingest_pass(n.id, hit, batch, bodies);
      END IF;
      PERFORM capa.pending(n.id, 0, 1, NULL, NULL);
    END IF;
    UPDATE pg_temp.capa_hit h SET nc = CASE WHEN outcome_ <> 'none' THEN n.id END, outcome = outcome_
    WHERE h.n = hit.n AND h.case_no = case_no_;
  END LOOP;
  IF failed AND n.id IS NOT NULL AND n.state NOT IN ('closed', 'rejected') THEN
    PERFORM capa.ingest_grow(n.id, c ->> 'grade', r.growth, hits[1].received);
  END IF;
END $$;
