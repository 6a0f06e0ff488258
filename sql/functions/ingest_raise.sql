-- A fail event whose fingerprint has no NC that it belongs to raises one: the rule fills in all it can (SEMANTICS section
-- 4, "Defaults"); controls that the event named come before the rule's alone. c is the case, r the rule as loaded. before_: the NC that this one recurs, or null.
CREATE OR REPLACE FUNCTION capa.ingest_raise(hit capa.ingest_hit, c jsonb, r capa.rule, before_ int, bodies bytea)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  id_ int := nextval('capa.nc_no');
  evidence_ int := nextval('capa.evidence_no');
BEGIN
  INSERT INTO pg_temp.capa_kept VALUES (hit.n, id_, evidence_);
  PERFORM capa.pending(id_, 1, 0, least(hit.observed, hit.first_seen), hit.observed);
  IF r.windows IS NOT NULL THEN
    PERFORM capa.window_taken(id_);
  END IF;
  PERFORM capa.raise_nc(jsonb_build_object(
    'id', id_, 'title', coalesce(c ->> 'title', r.body ->> 'title', r.id), 'grade', c ->> 'grade',
    'grade_by_rule', c ->> 'grade', 'requirement', coalesce(r.body ->> 'requirement', c -> 'controls' ->> 0, r.body -> 'controls' ->> 0),
    'found', coalesce(c ->> 'found', c ->> 'title', r.body ->> 'title', r.id),
    'evidence_text', format('event %s of %s, received %s', hit.type, hit.source, capa.rfc3339(hit.received)),
    'source_kind', coalesce(r.body ->> 'source_kind', 'monitoring'), 'rule', r.id, 'rule_hash', r.hash,
    'ruleset', r.ruleset, 'fingerprint', c ->> 'fp', 'source', hit.source, 'asset', coalesce(c ->> 'asset', hit.subject),
    'owner', r.body ->> 'owner', 'controls', coalesce(c -> 'controls', r.body -> 'controls', '[]'),
    'triaged', coalesce((r.body ->> 'triaged')::boolean, false), 'policy', coalesce(r.body ->> 'policy', 'default'),
    'aware_at', hit.received, 'raised_by', 'rule ' || r.id, 'first_seen', least(hit.observed, hit.first_seen),
    'recurrence_of', before_,
    'evidence', jsonb_build_array(capa.ingest_evidence(hit, 'raised', bodies)
                                  || jsonb_build_object('id', evidence_))), 'ingest');
  RETURN id_;
END $$;
