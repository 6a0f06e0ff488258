-- The standing decision of its rule by which a pass may close this NC, {"cause","category","reason","by"}, or null (PRODUCT,
-- "Self-closing"): grade minor or less, its first cycle, the first of its fingerprint in 90 days, without similar hits, triaged,
-- nothing planned, need for action not found by a person, and not closed like this before and refused.
CREATE OR REPLACE FUNCTION capa.self_close(n capa.nc) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  decision jsonb;
BEGIN
  IF n.cycle <> 1 OR n.rule IS NULL OR n.fingerprint IS NULL OR capa.external_finding(n) OR n.grade IN ('critical', 'major')
     OR n.state NOT IN ('triaged', 'contained', 'analysed') THEN
    RETURN NULL;
  END IF;
  decision := nullif(capa.rule_now(n.rule) -> 'self_close', 'null');
  IF decision IS NULL
     OR coalesce(capa.record_of(n.id, n.cycle, 'need') ->> 'need', 'no') <> 'no'
     OR EXISTS (SELECT FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state <> 'cancelled')
     OR EXISTS (SELECT FROM capa.request q WHERE q.nc = n.id AND q.kind = 'short_closing' AND q.state = 'refused')
     OR EXISTS (SELECT FROM capa.nc o WHERE o.fingerprint = n.fingerprint AND o.id <> n.id
                  AND greatest(o.raised_at, o.closed_at) > n.raised_at - interval '90 days')
     OR capa.similar_search(n, coalesce(capa.record_of(n.id, n.cycle, 'cause'), decision) ->> 'category') -> 'hits' <> '[]'
     OR capa.flapping(n.id) THEN
    RETURN NULL;
  END IF;
  RETURN decision;
END $$;
