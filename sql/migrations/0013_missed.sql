-- When what was expected at intervals or at times did not come (SEMANTICS section 5, "Covered"): what rests on a source's silence does not count such
-- a time. None of it is the register. One row for each outage: from the first due date that passed, to the pass that ended it.
CREATE TABLE capa.missed (
  rule        text NOT NULL,
  fingerprint bytea NOT NULL,
  subject     text NOT NULL,
  from_at     timestamptz NOT NULL,                -- the period that was missed began
  due         timestamptz NOT NULL,
  met_at      timestamptz,                         -- a pass came (capa.missed_met), or it was expected no more
  PRIMARY KEY (rule, fingerprint, due)
);
CREATE INDEX missed_subject ON capa.missed (subject, due);
CREATE INDEX missed_open ON capa.missed (fingerprint) WHERE met_at IS NULL;
CREATE INDEX expectation_subject ON capa.expectation (subject) WHERE step = 0;
-- They have one parameter more.
DROP FUNCTION IF EXISTS capa.uncovered(text, text, timestamptz, timestamptz, int);
DROP FUNCTION IF EXISTS capa.covered_end(text, text, timestamptz, timestamptz, timestamptz, int);
