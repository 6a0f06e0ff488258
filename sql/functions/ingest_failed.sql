-- The event of a careful batch that the database refused: quarantine, a count, and the verdict.
CREATE OR REPLACE FUNCTION capa.ingest_failed(batch jsonb, bodies bytea, n_ int, why text) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
  at_ timestamptz := capa.now();
  e record;
BEGIN
  SELECT * INTO STRICT e FROM capa.ingest_events(batch, bodies, capa.ingest_texts(batch)) i WHERE i.n = n_;
  INSERT INTO capa.quarantine (received, status, reason, source, type, adapter, redacted, body)
  VALUES (at_, 'invalid', why, e.source, e.type, e.adapter, e.redacted, substring(bodies FROM e.at + 1 FOR e.size));
  INSERT INTO capa.tally (source, type, status, n, first_at, last_at) VALUES (e.source, e.type, 'invalid', 1, at_, at_);
  RETURN ARRAY['{"status":"invalid","results":[],"error":' || to_json('the database refused it: ' || why)::text || '}'];
END $$;
