-- Retention of what is evidence (PRODUCT, "Retention"): six years after an NC's last closing the bytes go of all evidence that is
-- as old; longer under hold. A merged one counts as its target. Register rows, hashes and journal stay; what went is a journal
-- row. Bytes that evidence of another NC still needs stay. So many NCs a run; the next run goes on. Returns how many.
CREATE OR REPLACE FUNCTION capa.retain_closed() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  before_ timestamptz := capa.now() - capa.setting_interval('retention.closed');
  n capa.nc;
  gone jsonb;
  done int := 0;
BEGIN
  FOR n IN SELECT x.* FROM capa.nc x
           WHERE x.closed_at < before_ AND capa.has_left(x.state) AND x.hold IS NULL
             AND EXISTS (SELECT FROM capa.evidence e WHERE e.nc = x.id AND e.removed_at IS NULL AND e.sha256 IS NOT NULL AND e.at < before_)
             AND (x.merged_into IS NULL OR EXISTS (
               SELECT FROM capa.nc t WHERE t.id = x.merged_into AND t.closed_at < before_ AND t.hold IS NULL))
           ORDER BY x.id LIMIT (SELECT value::text::int FROM capa.setting WHERE name = 'retention.batch') FOR UPDATE SKIP LOCKED LOOP
    SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('removed_at', capa.now(), 'removed_why', 'retention') ORDER BY e.id) INTO gone
    FROM capa.evidence e WHERE e.nc = n.id AND e.removed_at IS NULL AND e.sha256 IS NOT NULL AND e.at < before_;
    PERFORM capa.put('evidence', gone);
    DELETE FROM capa.evidence_body b USING jsonb_array_elements(gone) e
    WHERE b.sha256 = e ->> 'sha256'
      AND NOT EXISTS (SELECT FROM capa.evidence x WHERE x.sha256 = b.sha256 AND x.removed_at IS NULL);
    PERFORM capa.tell('evidence.removed', 'retention', 'NC-' || n.id, n.id, jsonb_build_object(
      'what', 'retention', 'sentence', format('retention removed %s pieces of evidence: it was closed on %s', jsonb_array_length(gone), n.closed_at::date),
      'n', jsonb_array_length(gone), 'bytes', (SELECT sum((e ->> 'size')::bigint) FROM jsonb_array_elements(gone) e),
      'evidence', (SELECT jsonb_agg(jsonb_build_object('ref', 'EV-' || (e ->> 'id'), 'sha256', e ->> 'sha256')) FROM jsonb_array_elements(gone) e)));
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
