-- Ends an NC's cycle and begins the next one (PRODUCT, "A new cycle"): triage and history stay, facts are asked for again.
--   begun_by_  event, reopen, follow_up (base triaged), verdict, issuer (base contained)
--   base_      the state it cannot fall below; raised where it was never triaged
-- What was being proved, or was closed by proof, and came again was ineffective: its actions are marked. An event after a
-- closing without action bars the short way. Actions not done end with their cycle. Puts rows and tells nothing:
-- the caller tells (nc.recurred, nc.reopened, nc.changed) and then calls capa.advance.
CREATE OR REPLACE FUNCTION capa.new_cycle(nc_ int, begun_by_ text, base_ text, why_ text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  c capa.cycle;
  a capa.action;
  now_ timestamptz := capa.now();
  failed boolean;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  SELECT * INTO STRICT c FROM capa.cycle WHERE nc = nc_ AND no = n.cycle;
  -- A follow-up that was only missed says nothing against the actions.
  failed := begun_by_ <> 'reopen'
            AND (begun_by_ <> 'follow_up' OR (SELECT p.outcome FROM capa.follow_up f JOIN capa.follow_up_period p ON p.follow_up = f.id
                                              WHERE f.nc = nc_ ORDER BY p.decided_at DESC NULLS LAST LIMIT 1) = 'failed') AND (n.state = 'verifying' OR n.closed_how IN ('verdict', 'evidence'));
  IF c.ended_at IS NULL THEN
    c.ended_at := now_;
    c.ended_as := CASE begun_by_
      WHEN 'verdict' THEN coalesce(capa.record_of(nc_, n.cycle, 'verdict') ->> 'verdict', 'not_effective')
      WHEN 'issuer' THEN 'not_effective' WHEN 'reopen' THEN 'reopened' ELSE 'recurred' END;
    PERFORM capa.put('cycle', to_jsonb(c));
  END IF;
  FOR a IN SELECT * FROM capa.action x WHERE x.nc = nc_ AND x.cycle = n.cycle AND x.kind <> 'correction' ORDER BY x.id LOOP
    CONTINUE WHEN a.state = 'cancelled' OR (a.state = 'done' AND NOT failed);
    IF a.state = 'done' THEN
      a.result := 'ineffective';
    ELSE
      a.state := 'cancelled';
      a.reason := 'a new cycle began';
    END IF;
    PERFORM capa.put('action', to_jsonb(a));
  END LOOP;
  c := ROW(nc_, n.cycle + 1, now_, begun_by_, base_, why_, NULL, NULL, NULL, NULL,
           begun_by_ = 'event' AND coalesce(n.closed_how = 'short', false));
  PERFORM capa.put('cycle', to_jsonb(c));
  n.cycle := c.no;
  n.state := base_;
  n.grade_decided := false;
  n.triaged := n.triaged OR base_ <> 'raised';
  n.closed_at := NULL;
  n.closed_how := NULL;
  n.closed_by := NULL;
  n.left_why := NULL;
  n.suppressed_until := NULL;
  n.batch := NULL;
  n.version := n.version + 1;
  PERFORM capa.put('nc', to_jsonb(n));
  RETURN c.no;
END $$;
