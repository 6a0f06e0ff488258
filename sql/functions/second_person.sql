-- Does leaving this NC, by rejection or merging, need a second person? Major and critical, overdue, or from an audit, a
-- complaint or an authority (PRODUCT, "Nobody does alone").
CREATE OR REPLACE FUNCTION capa.second_person(n capa.nc) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT n.grade IN ('critical', 'major') OR n.source_kind IN ('internal_audit', 'external_audit', 'complaint', 'authority')
    OR n.issuer IS NOT NULL OR coalesce((SELECT d.overdue FROM capa.next_due d WHERE d.nc = n.id), false)
$$;
