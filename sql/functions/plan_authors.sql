-- The authors of a cycle's plan: all who recorded its criterion or its actions, or changed one (SEMANTICS section 6,
-- "Requests"). None of them may approve it; each is barred from verifying.
CREATE OR REPLACE FUNCTION capa.plan_authors(nc_ int, cycle_ int) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT who ORDER BY who), '{}') FROM (
    SELECT author AS who FROM capa.action WHERE nc = nc_ AND cycle = cycle_ AND kind <> 'correction'
    UNION
    SELECT author FROM capa.record WHERE nc = nc_ AND cycle = cycle_ AND fact IN ('criterion', 'plan_change')) x
$$;
