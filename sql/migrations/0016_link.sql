-- When the links of subscriptions stood (SEMANTICS section 5, "Covered"). None of it is the register: what the daemons say of their links,
-- as capa.presence is. A row is a time in which one daemon's link of one subscription stood, or did not; time in which a
-- daemon has no row of a subscription is time in which it didn't know, or was not configured for it.
CREATE TABLE capa.link (
  id      int PRIMARY KEY,
  name    text NOT NULL,                           -- of the subscription
  daemon  text NOT NULL,
  sources text[],                                  -- prefixes of "source" that it carries; null: what was heard by it (capa.link_source)
  up      boolean NOT NULL,
  from_at timestamptz NOT NULL,                    -- capa.now()
  to_at   timestamptz,                             -- null: still so, as long as its daemon is there (capa.link_daemon)
  CHECK (from_at <= to_at)
);
CREATE SEQUENCE capa.link_no;
CREATE UNIQUE INDEX link_open ON capa.link (daemon, name) WHERE to_at IS NULL;
CREATE INDEX link_to ON capa.link (to_at);
-- When each daemon last told of its links: an open row of one that tells no more ends then.
CREATE TABLE capa.link_daemon (
  daemon text PRIMARY KEY,
  at     timestamptz NOT NULL,                     -- capa.now()
  beat   timestamptz NOT NULL                      -- clock_timestamp(), as of capa.presence
);
-- Sources heard by a subscription that doesn't say which it carries. Append-only: once for each new one.
CREATE TABLE capa.link_source (
  link   text NOT NULL,
  source text NOT NULL,
  PRIMARY KEY (link, source)
);
-- Outages that were told, until their end is.
CREATE TABLE capa.link_told (
  name text PRIMARY KEY,
  at   timestamptz NOT NULL
);
-- Which link carries what is expected is known by the source of what came last.
ALTER TABLE capa.passed ADD source text;
-- They have one parameter more.
DROP FUNCTION IF EXISTS capa.uncovered(text, text, timestamptz, timestamptz, int, boolean);
DROP FUNCTION IF EXISTS capa.covered_end(text, text, timestamptz, timestamptz, timestamptz, int, boolean);
DROP FUNCTION IF EXISTS capa.expectation_covered(capa.expectation, timestamptz, timestamptz, interval, timestamptz);
