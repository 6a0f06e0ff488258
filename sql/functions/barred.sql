-- Why this person may not verify this cycle, or null: whoever was owner, action owner, plan author or approver of an
-- extension at any time in it (PRODUCT, "Barred from verifying"). Owners of before stand as records `past_owner`. Who owned what was
-- merged into it in this cycle is barred too: merging frees nobody from the own work's judgement.
CREATE OR REPLACE FUNCTION capa.barred(nc_ int, cycle_ int, who text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT why FROM (
    SELECT 1 AS no, 'owns NC-' || n.id AS why, n.owner AS name_ FROM capa.nc n WHERE n.id = nc_
    UNION ALL
    SELECT 2, 'owned ' || coalesce('CA-' || (r.value ->> 'action'), 'NC-' || nc_) || ' in this cycle', r.value ->> 'owner'
    FROM capa.record r WHERE r.nc = nc_ AND r.cycle = cycle_ AND r.fact = 'past_owner'
    UNION ALL
    SELECT 3, 'owns CA-' || a.id, a.owner FROM capa.action a
    WHERE a.nc = nc_ AND a.cycle = cycle_ AND a.kind <> 'correction'
    UNION ALL
    SELECT 4, 'did CA-' || a.id, a.done_by FROM capa.action a
    WHERE a.nc = nc_ AND a.cycle = cycle_ AND a.kind <> 'correction'
    UNION ALL
    SELECT 5, 'wrote the plan', p FROM unnest(capa.plan_authors(nc_, cycle_)) AS p
    UNION ALL
    SELECT 6, 'approved an extension in this cycle', q.decided_by FROM capa.request q
    WHERE q.nc = nc_ AND q.cycle = cycle_ AND q.kind IN ('extension', 'external_deadline') AND q.state = 'approved'
    UNION ALL
    SELECT 7, format('owned NC-%s, which was merged into it', m.id), m.owner
    FROM capa.nc m JOIN capa.cycle c ON c.nc = nc_ AND c.no = cycle_
    WHERE m.state = 'merged' AND m.merged_into = nc_ AND m.closed_at >= c.began_at) b
  WHERE capa.same_person(who, name_) ORDER BY no LIMIT 1
$$;
