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
  -- A plan that its issuer refused is not asked for again.
  asked := n.state = 'planned' AND NOT (SELECT approval FROM capa.fact WHERE nc = nc_)
           AND NOT coalesce(capa.record_of(nc_, n.cycle, 'external_plan') @> jsonb_build_object('verdict', 'refused', 'plan', hash_), false);
  FOR q IN SELECT * FROM capa.request WHERE nc = nc_ AND state = 'open' ORDER BY id LOOP
    CONTINUE WHEN q.kind = 'follow_up_stop' AND EXISTS (SELECT FROM capa.follow_up f WHERE 'FU-' || f.id = q.ref AND f.state = 'running');
    CONTINUE WHEN q.kind = 'redaction' OR (q.cycle = n.cycle OR q.kind = 'external_deadline') AND CASE q.kind
      WHEN 'plan' THEN asked AND q.hash = hash_ AND q.authors = capa.plan_authors(nc_, n.cycle)
      WHEN 'short_closing' THEN n.state = 'closed'
      WHEN 'external_deadline' THEN n.state NOT IN ('rejected', 'merged')
      WHEN 'follow_up_stop' THEN false
      ELSE NOT capa.has_left(n.state) END;
    q.state := 'void';
    q.decided_at := capa.now();
    PERFORM capa.put('request', to_jsonb(q));
  END LOOP;
  IF asked AND NOT EXISTS (SELECT FROM capa.request WHERE nc = nc_ AND cycle = n.cycle AND kind = 'plan'
                             AND hash = hash_ AND state IN ('open', 'refused')) THEN
    PERFORM capa.request_put(n, 'plan', 'NC-' || nc_, capa.plan_authors(nc_, n.cycle), hash_, '{}', NULL);
  END IF;
END $$;
