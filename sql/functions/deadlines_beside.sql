-- Which deadlines an NC has beside its phases and actions: they belong to it, not to one of its cycles, and some outlive its
-- closing. Read by capa.deadlines_wanted, in the same form.
--   acceptance  the expiry of an acceptance, while accepted
--   follow_up   each period of a follow-up: until something was recorded for it (of a missed one: or for a later one), or the follow-up ended
--   external    what the issuer of a finding set
--   clock       what the law set: exact, and always urgent
CREATE OR REPLACE FUNCTION capa.deadlines_beside(n capa.nc, policy jsonb)
RETURNS TABLE (kind text, follow_up int, label text, started_at timestamptz, due timestamptz, exact boolean, status text, met_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT 'acceptance', NULL::int, NULL::text, q.decided_at, (q.what ->> 'until')::timestamptz,
         capa.due_is_exact((q.what ->> 'until')::timestamptz, policy -> 'calendar'),
         CASE WHEN n.state = 'accepted' AND q.id = max(q.id) OVER () THEN 'open' ELSE 'met' END, least((q.what ->> 'until')::timestamptz, capa.now())
  FROM capa.request q WHERE q.nc = n.id AND q.kind = 'acceptance' AND q.state = 'approved'
  UNION ALL
  SELECT 'follow_up', f.id, NULL, p.from_at, p.due, capa.span_is_exact(f.every),
         CASE WHEN p.outcome IN ('ok', 'failed') THEN 'met' WHEN f.state <> 'running' OR NOT capa.follow_up_asked(p) THEN 'void' ELSE 'open' END, p.decided_at
  FROM capa.follow_up f JOIN capa.follow_up_period p ON p.follow_up = f.id WHERE f.nc = n.id
  UNION ALL
  SELECT o.kind, NULL, o.label, o.started_at, o.due, o.kind = 'clock' OR capa.due_is_exact(o.due, policy -> 'calendar'),
         CASE WHEN o.met_at IS NOT NULL THEN 'met' WHEN o.void_at IS NOT NULL OR n.state IN ('rejected', 'merged') THEN 'void' ELSE 'open' END,
         o.met_at
  FROM capa.obligation o WHERE o.nc = n.id
$$;
