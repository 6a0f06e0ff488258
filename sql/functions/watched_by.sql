-- What would say that the source behind an NC is not heard (SEMANTICS section 5, "Covered"): subscriptions that carry it, and rules that
-- expect at intervals or at times what bears the NC's asset or source as its subject. Not the rule whose missed events are the NC
-- itself: those come from capad. Nor one that expects an event after another, which says nothing while the other does not come.
CREATE OR REPLACE FUNCTION capa.watched_by(n capa.nc) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(
    SELECT DISTINCT e.rule FROM capa.expectation e
    WHERE e.step = 0 AND e.subject IN (n.asset, n.source) AND (e.rule, e.fingerprint) IS DISTINCT FROM (n.rule, n.fingerprint)
      AND capa.windows_of(e.rule, e.rule_hash) -> 'expect' ->> 'kind' <> 'after'
    ORDER BY 1)
  || ARRAY(
    SELECT DISTINCT 'subscription ' || l.name FROM capa.link_interval l
    WHERE l.lasts AND capa.link_carries(l.name, l.sources, capa.sources_of(n)) ORDER BY 1)
$$;
