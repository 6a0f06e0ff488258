-- Whether a pass event changes the register. While the correction of the cycle is outstanding, it is evidence of one; further
-- passes are counted only, unless a fail came in between, and then at most one an hour is kept, so that what flaps writes
-- no journal of its own. An open correction is always completed. In verifying, of an NC whose criterion counts passes, the
-- first so many are its evidence as they come (capa.criterion_passes); each one after the window may be the one that closes it.
CREATE OR REPLACE FUNCTION capa.pass_proves(nc_ int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  n capa.nc;
  kept capa.evidence;
BEGIN
  SELECT * INTO n FROM capa.nc WHERE id = nc_;
  IF capa.has_left(n.state) THEN
    RETURN false;
  ELSIF EXISTS (SELECT FROM capa.action a WHERE a.nc = nc_ AND a.cycle = n.cycle AND a.kind = 'correction'
             AND a.state IN ('open', 'started', 'waiting')) THEN
    RETURN true;
  ELSIF n.state = 'verifying' THEN
    RETURN capa.criterion_passes(n) > 0 OR (capa.record_of(nc_, n.cycle, 'criterion') ->> 'method' = 'pass_count'
                                            AND (SELECT f."window" FROM capa.fact f WHERE f.nc = nc_));
  ELSIF capa.self_close(n) IS NOT NULL THEN
    RETURN true;
  ELSIF n.state NOT IN ('raised', 'triaged') THEN
    RETURN false;
  END IF;
  SELECT * INTO kept FROM capa.evidence e WHERE e.nc = nc_ AND e.cycle = n.cycle AND e.role = 'passed'
  ORDER BY e.id DESC LIMIT 1;
  RETURN kept.id IS NULL OR (kept.at < capa.now() - interval '1 hour' AND kept.eventno <
    (SELECT e.eventno FROM capa.nc_event e WHERE e.nc = nc_ AND e.effect = 'f' ORDER BY e.eventno DESC LIMIT 1));
END $$;
