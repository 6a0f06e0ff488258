-- The rules that say how often the source behind an NC should be heard (SEMANTICS section 5, "Covered"): they expect at intervals or at times
-- what bears the NC's asset or source as its subject. Not the rule whose missed events are the NC itself: those come from capad. Nor one
-- that expects an event after another, which says nothing while the other does not come.
CREATE OR REPLACE FUNCTION capa.watched_by(n capa.nc) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT e.rule ORDER BY e.rule), '{}') FROM capa.expectation e
  WHERE e.step = 0 AND e.subject IN (n.asset, n.source) AND (e.rule, e.fingerprint) IS DISTINCT FROM (n.rule, n.fingerprint)
    AND EXISTS (SELECT FROM capa.rule r WHERE r.id = e.rule AND r.hash = e.rule_hash AND r.windows -> 'expect' ->> 'kind' <> 'after')
$$;
