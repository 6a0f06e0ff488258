-- Events and what is counted of them (SEMANTICS sections 1 and 2). None of it is the register: it is not in the
-- journal but under its seals. Everything here is append-only on the way of an event: no row is updated for one.

-- The one guard against repeats. key: first 16 bytes of SHA-256 over source and id, each behind its length.
CREATE TABLE capa.event_key (
  key       bytea PRIMARY KEY,
  body_hash bytea NOT NULL,
  eventno   bigint NOT NULL,
  results   text NOT NULL            -- what the event did, for a repeat of it: [{"effect","nc"}]
);
CREATE INDEX event_key_eventno ON capa.event_key USING brin (eventno) WITH (autosummarize = on);

-- Given under the turn and committed before the next one has it: what a snapshot sees is all up to some number.
CREATE SEQUENCE capa.eventno;

CREATE TABLE capa.event (
  eventno    bigint NOT NULL,
  received   timestamptz NOT NULL,
  observed   timestamptz NOT NULL,   -- SEMANTICS section 5
  first_seen timestamptz,            -- start of a standing state that the tool repeats
  nc         int,                    -- its NC; further ones are in event_nc
  effect     "char" NOT NULL,        -- of its first case: f fail, p pass
  outcome    text NOT NULL,          -- what it did there: raised, occurrence, evidence, ...
  source     text NOT NULL,
  type       text NOT NULL,
  subject    text,
  adapter    text,
  digest     bytea NOT NULL,
  salt       bytea NOT NULL,
  body       text,                   -- null in a later part of a fan-out
  parent     bigint,                 -- of a part: eventno of the one that stores the frame
  part_from  int,                    -- of a part: where its bytes begin in the frame's bytes
  part_size  int
) PARTITION BY RANGE (received);
CREATE INDEX event_eventno ON capa.event (eventno);
CREATE INDEX event_nc_effect ON capa.event (nc, effect, eventno) WHERE nc IS NOT NULL;
CREATE TABLE capa.event_default PARTITION OF capa.event DEFAULT;

-- The second and further NCs of an event.
CREATE TABLE capa.event_nc (
  eventno  bigint NOT NULL,
  received timestamptz NOT NULL,
  observed timestamptz NOT NULL,
  nc       int NOT NULL,
  effect   "char" NOT NULL,
  outcome  text NOT NULL
);
CREATE INDEX event_nc_eventno ON capa.event_nc (eventno);
CREATE INDEX event_nc_nc ON capa.event_nc (nc, effect, eventno);

-- Valid, but no rule matched; kept a while for coverage and replay.
CREATE TABLE capa.ignored (
  received timestamptz NOT NULL,
  source   text,
  type     text,
  subject  text,
  adapter  text,
  body     bytea NOT NULL
) PARTITION BY RANGE (received);
CREATE TABLE capa.ignored_default PARTITION OF capa.ignored DEFAULT;

-- Refused for good, with the reason and the bytes as they came (they may be anything).
CREATE TABLE capa.quarantine (
  received timestamptz NOT NULL,
  status   text NOT NULL,            -- invalid, forbidden, too_big, conflict
  reason   text NOT NULL,
  source   text,
  type     text,
  id       text,
  adapter  text,
  body     bytea NOT NULL
) PARTITION BY RANGE (received);
CREATE TABLE capa.quarantine_default PARTITION OF capa.quarantine DEFAULT;

-- Counts, append-only too: the sum over the rows is the count. Rolled up from the event rows at most once a
-- second, folded into fewer rows now and then; whoever reads adds the events after the newest rollup.
CREATE TABLE capa.rollup (upto bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE TABLE capa.nc_tally (
  nc         int NOT NULL,
  fails      bigint NOT NULL,
  passes     bigint NOT NULL,
  first_seen timestamptz,            -- of the fails: earliest observed or first_seen
  last_seen  timestamptz             -- of the fails: latest observed
);
CREATE INDEX nc_tally_nc ON capa.nc_tally (nc);
CREATE TABLE capa.tally (
  source   text,
  type     text,
  status   text NOT NULL,            -- stored, duplicate, conflict, ignored, invalid, forbidden, too_big, cut
  n        bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at  timestamptz NOT NULL
);
CREATE INDEX tally_status ON capa.tally (status, source, type);

-- Seals: events first..last lie under root (SEMANTICS section 3). leaf = SHA-256(00 | digest), node = SHA-256(01 | left | right),
-- a node without a neighbour goes up as it is. A seal never spans two months, so that a partition goes with its seals.
CREATE TABLE capa.seal (
  id    int PRIMARY KEY,
  first bigint NOT NULL,
  last  bigint NOT NULL,
  n     bigint NOT NULL,
  root  text NOT NULL,
  at    timestamptz NOT NULL
);
CREATE INDEX seal_at ON capa.seal (at);
INSERT INTO capa.register_table (name) VALUES ('seal');
CREATE SEQUENCE capa.seal_no;
-- How an event that is evidence is proved once its partition is gone: its digest's way to the root of its seal.
-- path: [["l"|"r", hex], ...], the neighbours from the leaf up.
CREATE TABLE capa.event_proof (
  eventno  bigint PRIMARY KEY,
  received timestamptz NOT NULL,
  digest   bytea NOT NULL,
  salt     bytea NOT NULL,
  sha256   text NOT NULL,            -- of its bytes: evidence_body has them
  seal     int,
  path     jsonb
);

-- The rules of each loaded set by their place in it: what an event's case points to. Made from `loaded` by api.load.
CREATE TABLE capa.rule (
  ruleset text NOT NULL,
  no      int NOT NULL,
  id      text NOT NULL,
  hash    text NOT NULL,
  growth  jsonb,                     -- null if the grade cannot grow
  body    jsonb NOT NULL,
  PRIMARY KEY (ruleset, no)
);

-- Where each publisher is in the journal.
CREATE TABLE capa.publisher (name text PRIMARY KEY, seq bigint NOT NULL, at timestamptz NOT NULL);

-- Numbers that the register works with and that no policy file holds. Spans as everywhere: {"mo","d","bd","s"}.
CREATE TABLE capa.setting (name text PRIMARY KEY, value jsonb NOT NULL);
INSERT INTO capa.setting VALUES
  ('late_after',           '{"s": 300}'),
  ('observed_back',        '{"d": 7}'),      -- an observed time further back is not believed
  ('recurrence_window',    '{"d": 365}'),
  ('retention.events',     '{"d": 90}'),
  ('retention.ignored',    '{"d": 14}'),
  ('retention.quarantine', '{"d": 30}'),
  ('retention.keys',       '{"d": 400}'),
  ('bytes.ignored',        '1073741824'),
  ('bytes.quarantine',     '1073741824'),
  ('seal_every',           '{"s": 60}'),
  ('seal_events',          '65536');
-- When the register last did what it does now and then (partitions, retention, folding of tallies).
CREATE TABLE capa.chore (name text PRIMARY KEY, at timestamptz NOT NULL);

-- One case of one event of a batch, as it is handed from function to function.
CREATE TYPE capa.ingest_hit AS (n int, observed timestamptz, first_seen timestamptz, received timestamptz, source text, type text,
  subject text, at int, size int);
-- What the cases of a batch do, by number, what those events do whose outcome isn't their one case's (element n + 1 of event
-- n; null where the case says it), and the further NCs of events that have several. Arrays, because a batch that
-- changes nothing must not touch a table for them.
CREATE TYPE capa.ingest_outcome AS (
  case_nc int[], case_effect "char"[], case_outcome text[], case_result text[],
  event_nc int[], event_effect "char"[], event_outcome text[], event_result text[],
  further_n int[], further_nc int[], further_effect "char"[], further_outcome text[]);

-- What stays of an NC's occurrences that retention took: they are counted in nc_tally, and here is what was sealed.
CREATE TABLE capa.event_gone (
  eventno  bigint NOT NULL,
  nc       int NOT NULL,
  effect   "char" NOT NULL,
  observed timestamptz NOT NULL,
  digest   bytea NOT NULL
);
CREATE INDEX event_gone_nc ON capa.event_gone (nc, eventno);
