-- The register, its journal, and the clock. Everything here is owned by capa_owner; the service role
-- sees nothing of schema capa and may only execute functions of schema api.
CREATE SCHEMA capa;
CREATE SCHEMA api;

-- One clock. Tests move it; the service role cannot.
CREATE TABLE capa.clock (shift interval NOT NULL);
INSERT INTO capa.clock VALUES ('0');
CREATE UNIQUE INDEX clock_one ON capa.clock ((true));

-- The journal's chain, and beside it the contents under salted digests (SEMANTICS section 3).
CREATE TABLE capa.journal (
  seq      bigint PRIMARY KEY,
  at       timestamptz NOT NULL,
  topic    text NOT NULL,
  previous bigint,                  -- previous seq under the same first word of the topic
  open     text NOT NULL,           -- the line that `row` is the hash of
  digest   bytea NOT NULL,
  hash     bytea NOT NULL
);
CREATE INDEX journal_word ON capa.journal (split_part(topic, '.', 1), seq);
CREATE INDEX journal_at ON capa.journal (at);
CREATE TABLE capa.journal_body (
  seq      bigint PRIMARY KEY,
  ref      text,
  nc       int,                     -- for log and dossier
  salt     bytea,                   -- null once redacted
  body     text,                    -- null once redacted
  summary  text                     -- of a restricted NC: what the bus carries instead
);
CREATE INDEX journal_body_nc ON capa.journal_body (nc, seq) WHERE nc IS NOT NULL;
-- Whoever holds this empty table in EXCLUSIVE mode may append; taken as the last step of a writing transaction.
CREATE TABLE capa.turn ();
CREATE TABLE capa.epoch (no int PRIMARY KEY, began_at timestamptz NOT NULL, reason text NOT NULL);

-- Which tables are the register: written by capa.apply alone, rebuilt from the journal alone.
CREATE TABLE capa.register_table (name text PRIMARY KEY, statement text);

CREATE TABLE capa.actor (no int PRIMARY KEY, name text NOT NULL UNIQUE);

-- Rules, policy and people as loaded: what the register needs of them. version counts within kind.
CREATE TABLE capa.loaded (
  kind    text NOT NULL,            -- rules, policy, people
  version int NOT NULL,
  sha256  text NOT NULL,
  body    jsonb NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (kind, version)
);

CREATE TABLE capa.nc (
  id            int PRIMARY KEY,
  title         text NOT NULL,
  requirement   text,               -- statement, part 1: what should be
  found         text,               -- part 2: what is
  evidence_text text,               -- part 3: objective evidence in words; the rest is in evidence
  grade         text NOT NULL CHECK (grade IN ('critical', 'major', 'minor', 'observation', 'ofi')),
  grade_decided boolean NOT NULL DEFAULT false,  -- a person set it: stands until a new cycle
  grade_by_rule text,               -- highest grade that its rule ever gave
  state         text NOT NULL,
  cycle         int NOT NULL,
  source_kind   text NOT NULL,      -- monitoring, internal_audit, ... (PRODUCT, "Sources")
  rule          text,
  rule_hash     text,
  ruleset       text,               -- hash of the set it was raised under
  fingerprint   bytea,
  source        text,
  asset         text,
  owner         text,
  controls      text[] NOT NULL DEFAULT '{}',
  labels        jsonb NOT NULL DEFAULT '{}',
  policy        text NOT NULL,      -- name within the pinned policy file
  policy_version int NOT NULL,      -- loaded.version of kind policy
  aware_at      timestamptz NOT NULL,
  raised_at     timestamptz NOT NULL,
  raised_by     text NOT NULL,
  first_seen    timestamptz,
  closed_at     timestamptz,
  closed_how    text,               -- verdict, short, evidence
  closed_by     text,
  left_why      text,               -- reason of rejected, merged
  external_ref  text,               -- number of the finding with whoever issued it
  supplier      text,
  triaged       boolean NOT NULL DEFAULT false,  -- its grade was given by a person, or by a rule that is "triaged"
  recurrence_of int,
  merged_into   int,
  suppressed_until timestamptz,     -- of a rejected one
  version       int NOT NULL        -- for --if-version; +1 with each change
);
CREATE INDEX nc_fingerprint ON capa.nc (fingerprint, id DESC) WHERE fingerprint IS NOT NULL;
CREATE UNIQUE INDEX nc_one_open ON capa.nc (fingerprint)
  WHERE fingerprint IS NOT NULL AND state NOT IN ('closed', 'rejected', 'merged');
CREATE INDEX nc_open ON capa.nc (state, id) WHERE state NOT IN ('closed', 'rejected', 'merged');
CREATE INDEX nc_owner ON capa.nc (owner);
CREATE INDEX nc_rule ON capa.nc (rule, id);

CREATE TABLE capa.cycle (
  nc       int NOT NULL,
  no       int NOT NULL,
  began_at timestamptz NOT NULL,
  begun_by text NOT NULL,           -- raise, event, follow_up, reopen, verdict, issuer
  base     text NOT NULL,           -- state below which it cannot fall: raised, triaged, contained
  why      text,
  ended_at timestamptz,
  ended_as text,                    -- closed, recurred, not_effective, partial, rejected, merged
  ended_how text,                   -- of closed: verdict, short, evidence
  ended_by text,
  short_barred boolean NOT NULL DEFAULT false,
  PRIMARY KEY (nc, no)
);

-- One row per recorded fact of a cycle (consequences, not_applicable, cause, similar, need, criterion,
-- approval, verdict, isms, risk) or remark (note). Never updated but to be retracted.
CREATE TABLE capa.record (
  id            bigint PRIMARY KEY,
  nc            int NOT NULL,
  cycle         int NOT NULL,
  fact          text NOT NULL,
  no            int,                -- causes are numbered within the NC
  value         jsonb NOT NULL,
  author        text NOT NULL,
  at            timestamptz NOT NULL,
  retracted_at  timestamptz,
  retracted_by  text,
  retract_reason text
);
CREATE INDEX record_nc ON capa.record (nc, cycle, fact, id);

CREATE TABLE capa.action (
  id           int PRIMARY KEY,     -- CA-n
  nc           int NOT NULL,
  cycle        int NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('correction', 'corrective', 'preventive', 'improvement')),
  title        text NOT NULL,
  owner        text,
  cause        int,                 -- number of the cause within the NC
  expected     text,
  state        text NOT NULL CHECK (state IN ('open', 'started', 'waiting', 'done', 'cancelled')),
  due_original timestamptz,
  due          timestamptz,
  author       text NOT NULL,
  added_at     timestamptz NOT NULL,
  started_at   timestamptz,
  done_at      timestamptz,
  done_by      text,
  result       text,                -- effective, ineffective; null while unproved
  reason       text,                -- of a cancellation
  replaces     int,
  added_late   boolean NOT NULL DEFAULT false
);
CREATE INDEX action_nc ON capa.action (nc, cycle);

CREATE TABLE capa.evidence (
  id      int PRIMARY KEY,
  nc      int NOT NULL,
  cycle   int NOT NULL,
  action  int,
  record  bigint,
  kind    text NOT NULL CHECK (kind IN ('file', 'link', 'event')),
  name    text,                     -- file name or URL
  role    text,                     -- of an event: raised, recurred, passed
  sha256  text,
  size    bigint,
  eventno bigint,
  author  text NOT NULL,
  at      timestamptz NOT NULL
);
CREATE INDEX evidence_nc ON capa.evidence (nc);
-- Bytes of evidence by their hash, beside the register: the journal carries the hash.
CREATE TABLE capa.evidence_body (sha256 text PRIMARY KEY, body bytea NOT NULL);

-- What needs a second person (SEMANTICS section 6, "Requests").
CREATE TABLE capa.request (
  id         int PRIMARY KEY,
  kind       text NOT NULL,         -- plan, extension, regrade, short_closing, rejection, ...
  nc         int NOT NULL,
  cycle      int NOT NULL,
  ref        text NOT NULL,         -- what it is about: NC-17, CA-42
  deadline   int,
  authors    text[] NOT NULL,       -- none of them may approve
  hash       text NOT NULL,         -- of what it would do
  what       jsonb NOT NULL,
  reason     text,
  opened_at  timestamptz NOT NULL,
  state      text NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'void')),
  decided_by text,
  decided_at timestamptz,
  decision   text
);
CREATE INDEX request_open ON capa.request (nc) WHERE state = 'open';

CREATE TABLE capa.deadline (
  id           int PRIMARY KEY,
  nc           int NOT NULL,
  cycle        int NOT NULL,
  kind         text NOT NULL,       -- triage, contain, plan, act, action, window, verify, confirmation, ...
  action       int,
  started_at   timestamptz NOT NULL, -- start of the interval that percentages run over
  due_original timestamptz NOT NULL,
  due          timestamptz NOT NULL,
  exact        boolean NOT NULL,    -- given in s, m, h: never waits for working hours
  grade        text NOT NULL,       -- whose durations and ladder it follows; rises with the NC's, never falls
  set_at       timestamptz NOT NULL, -- when this due value was set: steps not after it do not exist
  met_at       timestamptz,
  void_at      timestamptz,
  extensions   int NOT NULL DEFAULT 0,
  tightened    boolean NOT NULL DEFAULT false,
  late         boolean NOT NULL DEFAULT false,  -- met or voided after due
  steps        jsonb NOT NULL,      -- [{"step","level","planned_at","to":[],"ack":span,"repeat":span,"hours"}]
  next_at      timestamptz          -- earliest step that is neither fired nor covered, or null
);
CREATE INDEX deadline_nc ON capa.deadline (nc);
CREATE INDEX deadline_next ON capa.deadline (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deadline_due ON capa.deadline (due) WHERE met_at IS NULL AND void_at IS NULL;

CREATE TABLE capa.escalation (
  id           int PRIMARY KEY,     -- ESC-n
  deadline     int NOT NULL,
  due          timestamptz NOT NULL,
  step         int NOT NULL,
  n            int NOT NULL,        -- numbers the repeats of a step, from 0
  nc           int NOT NULL,
  action       int,
  level        text NOT NULL,
  planned_at   timestamptz NOT NULL,
  published_at timestamptz NOT NULL,
  state        text NOT NULL CHECK (state IN ('fired', 'covered')),
  covered_by   int,
  recipients   jsonb NOT NULL,
  ack_span     jsonb,
  acked_by     text,
  acked_at     timestamptz,
  acked_until  timestamptz,
  UNIQUE (deadline, due, step, n)
);
CREATE INDEX escalation_nc ON capa.escalation (nc);

INSERT INTO capa.register_table (name) VALUES
  ('actor'), ('loaded'), ('nc'), ('cycle'), ('record'), ('action'), ('evidence'), ('request'),
  ('deadline'), ('escalation');

-- Reference numbers. A new epoch lets them jump by 10,000.
CREATE SEQUENCE capa.nc_no;
CREATE SEQUENCE capa.action_no;
CREATE SEQUENCE capa.record_no;
CREATE SEQUENCE capa.evidence_no;
CREATE SEQUENCE capa.request_no;
CREATE SEQUENCE capa.deadline_no;
CREATE SEQUENCE capa.escalation_no;
CREATE SEQUENCE capa.actor_no;
INSERT INTO capa.epoch VALUES (1, clock_timestamp(), 'the register was created');
