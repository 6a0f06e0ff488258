-- Makes an NC with its first cycle, tells nc.raised, and lets it advance as far as its facts allow. Returns its number.
-- new: title and grade are needed; then any of requirement, found, evidence_text, triaged, source_kind, rule, rule_hash,
-- ruleset, fingerprint (hex), source, asset, owner, controls[], labels{}, policy, aware_at, raised_by, first_seen,
-- recurrence_of, external_ref, supplier, issuer, restricted, grade_decided, id (already taken from capa.nc_no), and evidence[]: rows of capa.evidence
-- without nc, cycle, at (and id, unless already taken).
-- kind: the method or event that caused it. Where there is no owner and so on, the guards say what is missing.
CREATE OR REPLACE FUNCTION capa.raise_nc(new jsonb, kind text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  now_ timestamptz := capa.now();
  id_ int := coalesce((new ->> 'id')::int, nextval('capa.nc_no'));
  row_ capa.nc := jsonb_populate_record(NULL::capa.nc, new - 'fingerprint' - 'evidence');
  evidence_ capa.evidence;
  item jsonb;
BEGIN
  row_.id := id_;
  row_.state := 'raised';
  row_.cycle := 1;
  row_.version := 1;
  row_.fingerprint := decode(new ->> 'fingerprint', 'hex');
  row_.grade_decided := coalesce(row_.grade_decided, false);
  row_.triaged := coalesce(row_.triaged, false);
  row_.source_kind := coalesce(row_.source_kind, 'self_report');
  row_.controls := coalesce(row_.controls, '{}');
  row_.labels := coalesce(row_.labels, '{}');
  row_.policy := coalesce(row_.policy, 'default');
  row_.policy_version := coalesce((SELECT max(version) FROM capa.loaded WHERE loaded.kind = 'policy'), 0);
  row_.aware_at := coalesce(row_.aware_at, now_);
  row_.raised_at := now_;
  row_.raised_by := coalesce(row_.raised_by, 'system');
  row_.restricted := coalesce(row_.restricted, (SELECT n.restricted FROM capa.nc n WHERE n.id = row_.recurrence_of));
  PERFORM capa.put('nc', to_jsonb(row_));
  PERFORM capa.put('cycle', jsonb_build_object('nc', id_, 'no', 1, 'began_at', row_.aware_at, 'begun_by', 'raise',
                                               'base', 'raised', 'short_barred', false));
  FOR item IN SELECT jsonb_array_elements(new -> 'evidence') LOOP
    evidence_ := jsonb_populate_record(NULL::capa.evidence, item);
    evidence_.id := coalesce(evidence_.id, nextval('capa.evidence_no'));
    evidence_.nc := id_;
    evidence_.cycle := 1;
    evidence_.author := coalesce(evidence_.author, row_.raised_by);
    evidence_.at := now_;
    PERFORM capa.put('evidence', to_jsonb(evidence_));
  END LOOP;
  PERFORM capa.tell('nc.raised', kind, 'NC-' || id_, id_,
                    jsonb_build_object('what', 'raised as ' || row_.grade, 'nc', capa.summary(id_)));
  PERFORM capa.advance(id_, kind);
  RETURN id_;
END $$;
