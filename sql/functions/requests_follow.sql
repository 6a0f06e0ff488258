-- Makes an NC's requests fit its state: a plan's request opens by itself when the plan is complete and is voided when
-- the plan changes or is none any more; one of an earlier cycle, or of an NC that was left, ends (SEMANTICS section 6).
-- A refused plan is asked for again once it is another plan.
CREATE OR REPLACE FUNCTION capa.requests_follow(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  q capa.request;
  hash_ text := capa.plan_hash(nc_);
  asked boolean;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  asked := n.state = 'planned' AND NOT (SELECT approval FROM capa.fact WHERE nc = nc_);
  FOR q IN SELECT * FROM capa.request WHERE nc = nc_ AND state = 'open' ORDER BY id LOOP
    CONTINUE WHEN q.cycle = n.cycle AND CASE q.kind
      WHEN 'plan' THEN asked AND q.hash = hash_ AND q.authors = capa.plan_authors(nc_, n.cycle)
      WHEN 'short_closing' THEN n.state = 'closed'
      ELSE n.state NOT IN ('closed', 'rejected', 'merged') END;
    q.state := 'void';
    q.decided_at := capa.now();
    PERFORM capa.put('request', to_jsonb(q));
  END LOOP;
  IF asked AND NOT EXISTS (SELECT FROM capa.request WHERE nc = nc_ AND cycle = n.cycle AND kind = 'plan'
                             AND hash = hash_ AND state IN ('open', 'refused')) THEN
    PERFORM capa.request_put(n, 'plan', 'NC-' || nc_, capa.plan_authors(nc_, n.cycle), hash_, '{}', NULL);
  END IF;
END $$;
