-- Carries out an approved redaction (PRODUCT "The journal"): bytes of evidence and events go, of an NC its texts in register and
-- journal too; chain, hashes, references, dates, names of who did what, grades and states stay. One journal row for each NC that
-- it reaches, the requested one's last; it says which rows lost their content and carries the present register rows.
CREATE OR REPLACE FUNCTION capa.redact(q capa.request) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kind_ text := q.what ->> 'kind';
  number_ bigint := (q.what ->> 'number')::bigint;
  scope record;
  rows_ bigint[] := '{}';
  gone jsonb;
  n_events bigint;
  nc_ int;
  list int[];
BEGIN
  PERFORM 1 FROM capa.nc WHERE id = ANY ((capa.redaction_scope(kind_, number_)).ncs) ORDER BY id FOR UPDATE;
  PERFORM capa.redaction_check(kind_, number_);
  scope := capa.redaction_scope(kind_, number_);
  n_events := capa.redact_events(scope.events);
  DELETE FROM capa.evidence_body WHERE sha256 = ANY (scope.hashes);
  list := ARRAY(SELECT DISTINCT e.nc FROM capa.evidence e WHERE e.id = ANY (scope.evidence) AND e.nc IS DISTINCT FROM q.nc ORDER BY 1) || q.nc;
  FOREACH nc_ IN ARRAY list LOOP
    IF kind_ = 'NC' AND nc_ = number_ THEN
      rows_ := capa.redact_record(nc_);
    END IF;
    SELECT coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('removed_at', capa.now(), 'removed_why', 'redacted') ORDER BY e.id), '[]')
    INTO gone FROM capa.evidence e WHERE e.id = ANY (scope.evidence) AND e.nc = nc_ AND e.kind <> 'link' AND e.removed_at IS NULL;
    PERFORM capa.put('evidence', gone);
    PERFORM capa.redact_tell(q, nc_, rows_, gone, CASE WHEN nc_ IS NOT DISTINCT FROM q.nc THEN n_events ELSE 0 END);
  END LOOP;
END $$;
