-- What rules say of several events together: counts, sequences, expected events, time without a pass. None of it is the register:
-- it says when an event raises something, and what was raised is in the journal.
ALTER TABLE capa.rule ADD windows jsonb;           -- {"count","sequence","expect"} of the rule; null if it has none
CREATE INDEX rule_windows ON capa.rule (ruleset, id) WHERE windows IS NOT NULL;
CREATE INDEX rule_waits ON capa.rule (ruleset, id) WHERE growth @? '$[*].no_pass_for';

-- Events that did not raise anything alone. Append-only until their fingerprint raises, or their window is over.
CREATE TABLE capa.counted (
  fingerprint bytea NOT NULL,                      -- what is counted by
  rule_hash   text NOT NULL,                       -- a changed rule counts anew
  observed    timestamptz NOT NULL,
  received    timestamptz NOT NULL,
  value       bytea,                               -- what must be distinct; of a sequence: which of its events (one byte)
  eventno     bigint NOT NULL,
  until       timestamptz NOT NULL                 -- when it counts no more, whatever comes
);
CREATE INDEX counted_fingerprint ON capa.counted (fingerprint, observed);
CREATE INDEX counted_until ON capa.counted (until);
-- A counted event became an occurrence when the one that raised came: it is counted by that one's number.
ALTER TABLE capa.event_nc ADD counted_by bigint;
CREATE INDEX event_nc_counted ON capa.event_nc (counted_by) WHERE counted_by IS NOT NULL;

-- When what is expected came. Append-only; the newest of each fingerprint stays.
CREATE TABLE capa.passed (
  fingerprint bytea NOT NULL,
  observed    timestamptz NOT NULL,
  received    timestamptz NOT NULL
);
CREATE INDEX passed_fingerprint ON capa.passed (fingerprint, observed);
-- What must come, and by when it is looked whether it came: of each rule with effect missing and each subject, and of each open NC
-- whose grade grows without a pass. A pass moves no row: when `due` comes the newest pass is looked at.
CREATE TABLE capa.expectation (
  rule        text NOT NULL,
  fingerprint bytea NOT NULL,
  step        int NOT NULL,                        -- place in the rule's growth, from 1; 0: of a rule with effect missing
  subject     text NOT NULL,
  rule_hash   text NOT NULL,
  nc          int,
  from_at     timestamptz NOT NULL,                -- the period waited for begins
  due         timestamptz NOT NULL,
  PRIMARY KEY (rule, fingerprint, step)
);
CREATE INDEX expectation_due ON capa.expectation (due);
CREATE INDEX expectation_nc ON capa.expectation (nc) WHERE nc IS NOT NULL;
