-- What retention and redaction take away: bytes and salts may go, digests stay. How long evidence of a closed NC stays.
ALTER TABLE capa.event ALTER salt DROP NOT NULL;          -- null: the event was redacted
ALTER TABLE capa.event ADD grade_rank smallint;           -- of its first case's grade, 0 (ofi) to 4 (critical): which was the worst
ALTER TABLE capa.event_proof ALTER salt DROP NOT NULL;
CREATE INDEX evidence_sha256 ON capa.evidence (sha256);
CREATE INDEX evidence_eventno ON capa.evidence (eventno) WHERE eventno IS NOT NULL;
INSERT INTO capa.setting VALUES
  ('retention.closed', '{"mo": 72}'),    -- of an NC, from its last closing
  ('retention.batch',  '100');           -- NCs whose evidence goes in one run
