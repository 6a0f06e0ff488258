-- Proof by absence needs somebody who was there to hear (SEMANTICS section 5, "Covered"). Not the register: a heartbeat that
-- api.tick writes. An interval is extended by each tick; a new one begins after a gap. `beat` is the wall clock, not
-- capa.now(): a gap is a time in which no tick came, and not a clock that a test moved (capa.present).
CREATE TABLE capa.presence (
  id      int PRIMARY KEY,
  from_at timestamptz NOT NULL,   -- capa.now()
  to_at   timestamptz NOT NULL,
  beat    timestamptz NOT NULL,   -- clock_timestamp() of the newest tick
  CHECK (from_at <= to_at)
);
CREATE INDEX presence_to ON capa.presence (to_at);
CREATE SEQUENCE capa.presence_no;
-- A register from before this migration kept no such times: it is taken to have been there until now.
INSERT INTO capa.presence
  SELECT nextval('capa.presence_no'), e.began_at, greatest(e.began_at, clock_timestamp() + c.shift), clock_timestamp()
  FROM capa.epoch e, capa.clock c WHERE e.no = 1 AND EXISTS (SELECT FROM capa.journal);
-- The period that a follow-up is in: the one for which nothing was recorded yet.
CREATE INDEX follow_up_undecided ON capa.follow_up_period (follow_up) WHERE outcome IS NULL;

INSERT INTO capa.transition VALUES
  ('closed',    'triaged', 'time', 'a follow-up was missed twice in a row: a new cycle'),
  ('verifying', 'triaged', 'time', 'a follow-up was missed twice in a row: a new cycle'),
  ('verifying', 'triaged', 'decision', 'a follow-up was recorded as failed: a new cycle');
