-- Takes a cycle's approvals back, and ends the request for this plan: another plan is asked for anew (capa.requests_follow).
CREATE OR REPLACE FUNCTION capa.plan_unapprove(n capa.nc, who text, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  q capa.request;
BEGIN
  PERFORM capa.record_retract(r.id, who, why) FROM capa.record r
    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'approval' AND r.retracted_at IS NULL ORDER BY r.id;
  FOR q IN SELECT * FROM capa.request x WHERE x.nc = n.id AND x.cycle = n.cycle AND x.kind = 'plan' AND x.state = 'open' ORDER BY x.id LOOP
    q.state := 'void';
    q.decided_at := capa.now();
    PERFORM capa.put('request', to_jsonb(q));
  END LOOP;
END $$;
