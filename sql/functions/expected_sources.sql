-- Where what a `missing` rule expects under a fingerprint comes from, as far as it is known: the source of what came last, the subject
-- where that is the source, and sources (or how they begin) that the rule's match itself asks for. Empty where nothing says it.
CREATE OR REPLACE FUNCTION capa.expected_sources(rule_ text, rule_hash_ text, fingerprint_ bytea) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(
    SELECT * FROM (SELECT p.source FROM capa.passed p WHERE p.fingerprint = fingerprint_ AND p.source IS NOT NULL ORDER BY p.observed DESC LIMIT 1) newest
    UNION
    SELECT e.subject FROM capa.expectation e
    WHERE e.rule = rule_ AND e.fingerprint = fingerprint_ AND e.step = 0 AND capa.windows_of(e.rule, e.rule_hash) -> 'expect' ->> 'by' = '/source'
    UNION
    SELECT jsonb_array_elements_text(capa.windows_of(rule_, rule_hash_) -> 'expect' -> 'sources'))
$$;
