-- A warning for whoever approves a plan, as a list, if nobody whom the people file knows would be left to verify it: all who have
-- one of the roles for it are barred (PRODUCT, small organisations). Null where somebody is left, or nobody is known.
CREATE OR REPLACE FUNCTION capa.verifiers_left(nc_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN count(*) > 0 AND bool_and(p.why IS NOT NULL)
              THEN jsonb_build_array(format('nobody would be left to verify NC-%s: %s; give part of the work to somebody else, or name another verifier in people.json',
                                            nc_, string_agg(p.name_ || ' ' || p.why, ', ' ORDER BY p.name_))) END
  FROM (SELECT x.name_, capa.barred(n.id, n.cycle, x.name_) AS why
        FROM capa.nc n, (SELECT p.key AS name_ FROM jsonb_each(capa.people() -> 'people') p
                         WHERE capa.roles_of(p.key) && ARRAY['verifier', 'auditor', 'isms_manager']
                           AND NOT capa.person_left(p.key, capa.now())) x
        WHERE n.id = nc_ AND n.grade NOT IN ('observation', 'ofi')) p
$$;
