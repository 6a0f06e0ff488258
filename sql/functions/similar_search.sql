-- Do similar nonconformities exist (10.2 b 3)? The same fingerprint; the same control and cause category; the same rule
-- on another asset. {"hits":["NC-3"],"found":[{"ref","why":[...]}]}, the newest 50. No titles: what is
-- recorded of one NC holds no text of another; readers add them (capa.similar_found).
CREATE OR REPLACE FUNCTION capa.similar_search(n capa.nc, category_ text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH hit AS (
    SELECT o.id, 'same fingerprint' AS why FROM capa.nc o WHERE o.fingerprint = n.fingerprint
    UNION
    SELECT o.id, 'same control and cause category' FROM capa.nc o
    WHERE o.controls && n.controls AND EXISTS (SELECT FROM capa.record r
      WHERE r.nc = o.id AND r.fact = 'cause' AND r.retracted_at IS NULL AND r.value ->> 'category' = category_)
    UNION
    SELECT o.id, 'same rule, other asset' FROM capa.nc o
    WHERE o.rule = n.rule AND o.asset IS DISTINCT FROM n.asset
  ), found AS (
    SELECT o.id, jsonb_agg(h.why ORDER BY h.why) AS why FROM hit h JOIN capa.nc o ON o.id = h.id
    WHERE o.id <> n.id AND o.state NOT IN ('rejected', 'merged') GROUP BY o.id ORDER BY o.id DESC LIMIT 50
  )
  SELECT jsonb_build_object('hits', coalesce(jsonb_agg('NC-' || id ORDER BY id), '[]'),
    'found', coalesce(jsonb_agg(jsonb_build_object('ref', 'NC-' || id, 'why', why) ORDER BY id), '[]'))
  FROM found
$$;
