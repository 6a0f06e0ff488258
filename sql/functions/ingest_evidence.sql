-- The evidence row that an event of the batch gives, without whose it is; stores the event's own bytes by their hash.
CREATE OR REPLACE FUNCTION capa.ingest_evidence(n_ int, role_ text, batch jsonb, bodies bytea) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  e record;
  body_ bytea;
  sha256_ text;
BEGIN
  SELECT * INTO STRICT e FROM capa.ingest_events(batch, bodies, capa.ingest_texts(batch)) i WHERE i.n = n_;
  body_ := substring(bodies FROM e.at + 1 FOR e.size);
  sha256_ := encode(sha256(body_), 'hex');
  INSERT INTO capa.evidence_body (sha256, body) VALUES (sha256_, body_) ON CONFLICT DO NOTHING;
  RETURN jsonb_build_object('kind', 'event', 'name', coalesce(e.type, '') || ' ' || coalesce(e.source, ''),
                            'role', role_, 'sha256', sha256_, 'size', e.size);
END $$;
