-- Whether an awaited event is the first of a subject that its rule expects from when it is first seen.
CREATE OR REPLACE FUNCTION capa.expectation_lacks(rule_ text, fingerprint_ bytea, windows jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(windows -> 'expect' ->> 'kind' <> 'after' AND NOT windows -> 'expect' ? 'subjects', false)
    AND NOT EXISTS (SELECT FROM capa.expectation e WHERE e.rule = rule_ AND e.fingerprint = fingerprint_ AND e.step = 0)
$$;
