-- What the register holds beside the main line: follow-ups, what others set deadlines for, batches, acceptance, restriction,
-- hold. New columns of register tables may be null: rows of older journals do not have them.
ALTER TABLE capa.nc
  ADD issuer         text,          -- who issued the finding: it closes only with that one's acceptance
  ADD restricted     boolean,       -- the bus and journal.read carry a summary without texts
  ADD accepted_until timestamptz,   -- while accepted
  ADD accepted_grade text,          -- what was accepted: a worse event revokes it
  ADD split_from     int,
  ADD hold           text,          -- why nothing of it may be removed
  ADD held_by        text,
  ADD batch          int;           -- the batch that rejected it
ALTER TABLE capa.action
  ADD waiting_on     text,
  ADD waiting_until  timestamptz;
ALTER TABLE capa.evidence
  ADD removed_at     timestamptz,   -- its bytes are gone, its hash stays
  ADD removed_why    text;          -- redacted, retention
ALTER TABLE capa.deadline
  ADD follow_up      int,
  ADD label          text;          -- of an obligation: which one
ALTER TABLE capa.escalation
  ADD follow_up      int;
CREATE INDEX escalation_covered_by ON capa.escalation (covered_by) WHERE covered_by IS NOT NULL;
ALTER TABLE capa.request
  ALTER nc DROP NOT NULL,           -- of a batch, or an event: about no NC
  ALTER cycle DROP NOT NULL,
  ADD batch          int;

-- A check that goes on: of an action or an NC, in periods, until an end or standing (PRODUCT, "follow-ups"). It outlives
-- closing and cycles.
CREATE TABLE capa.follow_up (
  id         int PRIMARY KEY,       -- FU-n
  nc         int NOT NULL,
  action     int,
  kind       text NOT NULL CHECK (kind IN ('no_recurrence', 'evidence', 'manual')),
  title      text NOT NULL,
  owner      text NOT NULL,
  every      jsonb NOT NULL,        -- span of a period
  until      timestamptz,           -- its end by date; null: by count, or standing
  periods    int,                   -- its end by count
  author     text NOT NULL,
  added_at   timestamptz NOT NULL,
  state      text NOT NULL CHECK (state IN ('running', 'ended', 'stopped', 'failed')),
  ended_at   timestamptz,
  ended_by   text,
  reason     text
);
CREATE INDEX follow_up_nc ON capa.follow_up (nc);
CREATE TABLE capa.follow_up_period (
  follow_up  int NOT NULL,
  no         int NOT NULL,
  from_at    timestamptz NOT NULL,
  due        timestamptz NOT NULL,
  outcome    text CHECK (outcome IN ('ok', 'failed', 'missed')),
  decided_at timestamptz,
  decided_by text,                  -- a person, or system where events did it
  text       text,
  eventno    bigint,
  PRIMARY KEY (follow_up, no)
);
CREATE SEQUENCE capa.follow_up_no;

-- What somebody outside set a date for: the issuer of a finding (external), or the law (clock). Never extended by us alone.
CREATE TABLE capa.obligation (
  id         int PRIMARY KEY,
  nc         int NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('external', 'clock')),
  label      text NOT NULL,         -- unique within the NC while it runs
  source     text,                  -- the issuer; of a clock its law
  started_at timestamptz NOT NULL,
  due        timestamptz NOT NULL,
  author     text NOT NULL,
  added_at   timestamptz NOT NULL,
  met_at     timestamptz,
  met_by     text,
  void_at    timestamptz
);
CREATE INDEX obligation_nc ON capa.obligation (nc);
CREATE SEQUENCE capa.obligation_no;

-- Many NCs decided as one: rejected by one person, approved by one other, undone by anyone.
CREATE TABLE capa.batch (
  id         int PRIMARY KEY,       -- B-n
  kind       text NOT NULL CHECK (kind IN ('rejection')),
  rule       text,
  ncs        int[] NOT NULL,
  reason     text NOT NULL,
  what       jsonb NOT NULL,
  author     text NOT NULL,
  added_at   timestamptz NOT NULL,
  state      text NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'undone')),
  decided_by text,
  decided_at timestamptz,
  undone_by  text,
  undone_at  timestamptz,
  undone_why text
);
CREATE SEQUENCE capa.batch_no;

INSERT INTO capa.register_table (name) VALUES ('follow_up'), ('follow_up_period'), ('obligation'), ('batch');
