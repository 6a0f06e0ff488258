-- Makes an NC of a fingerprint that another one spoke for: grade, owner, texts and rule from its source, aware of it now, its
-- own cycle and dates. Returns its number.
CREATE OR REPLACE FUNCTION capa.split(n capa.nc, source_ int, fingerprint_ bytea, who text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  s capa.nc;
  id_ int;
BEGIN
  SELECT * INTO STRICT s FROM capa.nc WHERE id = coalesce(source_, n.id);
  IF source_ IS NULL THEN
    SELECT o.title, coalesce(o.found, o.title), o.grade, o.grade, NULL, o.asset, o.source, o.at, coalesce(o.controls, s.controls),
        coalesce(CASE WHEN s.requirement = s.controls[1] THEN o.controls[1] END, s.requirement)
      INTO s.title, s.found, s.grade, s.grade_by_rule, s.evidence_text, s.asset, s.source, s.first_seen, s.controls, s.requirement
      FROM capa.overflow o WHERE o.fingerprint = encode(fingerprint_, 'hex') AND o.nc = n.id;
  END IF;
  id_ := capa.raise_nc(jsonb_strip_nulls(jsonb_build_object(
    'title', s.title, 'grade', s.grade, 'grade_by_rule', s.grade_by_rule, 'grade_decided', s.grade_decided, 'triaged', s.triaged,
    'requirement', s.requirement, 'found', s.found, 'evidence_text', s.evidence_text, 'source_kind', s.source_kind, 'rule', s.rule,
    'rule_hash', s.rule_hash, 'ruleset', s.ruleset, 'source', s.source, 'asset', s.asset, 'owner', coalesce(s.owner, n.owner),
    'controls', to_jsonb(s.controls), 'labels', s.labels, 'policy', s.policy, 'raised_by', who, 'first_seen', s.first_seen,
    'external_ref', s.external_ref, 'supplier', s.supplier, 'restricted', coalesce(s.restricted, n.restricted), 'split_from', n.id))
    || jsonb_build_object('fingerprint', encode(fingerprint_, 'hex'), 'aware_at', capa.now()), 'split');
  PERFORM capa.changed(n.id, 'nc.changed', 'split', 'NC-' || n.id, format('NC-%s was split from it', id_),
                       jsonb_build_object('split', 'NC-' || id_));
  RETURN id_;
END $$;
