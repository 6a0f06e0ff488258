-- The evidence row that an event of the batch gives, without whose it is; stores the event's own bytes by their hash.
CREATE OR REPLACE FUNCTION capa.ingest_evidence(hit capa.ingest_hit, role_ text, bodies bytea) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  body_ bytea := substring(bodies FROM hit.at + 1 FOR hit.size);
  sha256_ text := encode(sha256(body_), 'hex');
BEGIN
  INSERT INTO capa.evidence_body (sha256, body) VALUES (sha256_, body_) ON CONFLICT DO NOTHING;
  RETURN jsonb_build_object('kind', 'event', 'name', concat_ws(' ', hit.type, hit.source), 'role', role_, 'sha256', sha256_,
                            'size', hit.size);
END $$;
