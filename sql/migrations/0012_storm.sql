-- What holds a rule back: held rules, silences, storms (PRODUCT, "Storms"). None of it hides an event: each is stored.
CREATE TABLE capa.rule_hold (
  id        int PRIMARY KEY,
  rule      text NOT NULL,
  reason    text NOT NULL,
  author    text NOT NULL,
  at        timestamptz NOT NULL,
  until     timestamptz,
  ended_at  timestamptz,
  ended_by  text,                   -- system: `until` came
  ended_why text
);
CREATE UNIQUE INDEX rule_hold_one ON capa.rule_hold (rule) WHERE ended_at IS NULL;
CREATE SEQUENCE capa.rule_hold_no;

-- A time in which fails raise nothing, or (publish_only) escalations wait; once, or as a maintenance window that recurs. What is
-- null is asked of no event.
CREATE TABLE capa.silence (
  id           int PRIMARY KEY,     -- SIL-n
  rule         text,
  asset        text,                -- * stands for any text
  source       text,
  label        text,                -- K=V, of the NC that speaks for the failure
  grade        text,                -- at most this grade
  publish_only boolean NOT NULL,
  from_at      timestamptz NOT NULL,
  until        timestamptz NOT NULL,
  every        text,                -- as given; null: all the time from from_at to until
  days         int[],               -- 1 Monday … 7 Sunday
  from_time    time,
  to_time      time,                -- not after from_time: of the next day
  zone         text,
  reason       text NOT NULL,
  author       text NOT NULL,
  added_at     timestamptz NOT NULL,
  ended_at     timestamptz,
  ended_by     text,
  ended_why    text,
  looked_at    timestamptz          -- up to when the state was looked at again
);
CREATE INDEX silence_until ON capa.silence (until);
CREATE SEQUENCE capa.silence_no;

-- The failures that a storm took: each a fingerprint of its own, any can be split off.
CREATE TABLE capa.overflow (
  fingerprint text PRIMARY KEY,     -- hex
  nc          int NOT NULL,
  rule        text NOT NULL,
  title       text NOT NULL,
  found       text,
  grade       text,
  asset       text,
  source      text,
  at          timestamptz NOT NULL  -- when it came new, in its latest storm
);
CREATE INDEX overflow_nc ON capa.overflow (nc, at);
INSERT INTO capa.register_table (name) VALUES ('rule_hold'), ('silence'), ('overflow');

-- Fails that a hold or a silence held back: no register, but events' own; with what is needed to look at them again.
CREATE TABLE capa.muted (
  eventno     bigint NOT NULL,
  received    timestamptz NOT NULL,
  observed    timestamptz NOT NULL,
  fingerprint bytea NOT NULL,
  rule        text NOT NULL,
  rule_hold   int,
  silence     int,
  what        jsonb NOT NULL,       -- its case: grade, title, found, asset
  looked      boolean NOT NULL      -- a pass came since, or it was judged again
);
CREATE INDEX muted_waiting ON capa.muted (fingerprint) WHERE NOT looked;
CREATE INDEX muted_silence ON capa.muted (silence, eventno) WHERE NOT looked;
CREATE INDEX muted_received ON capa.muted (received);

INSERT INTO capa.setting VALUES
  ('storm',                  '{"n": 500, "within": {"s": 600}}'),
  ('flapping',               '{"changes": 3, "within": {"s": 86400}}'),
  ('silence.longest',        '{"d": 30}'),
  ('silence.longest_window', '{"d": 366}');  -- of one that recurs
-- Replay reads what was ignored in the order of receipt.
CREATE INDEX ignored_received ON capa.ignored (received);
