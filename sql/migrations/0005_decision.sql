-- What people decide about an NC beside its facts: merging, splitting, accepting until a date, batches and their undoing,
-- waivers. The ways that these open between states, and the indexes that they ask for.
ALTER TABLE capa.transition DROP CONSTRAINT transition_how_check,
  ADD CONSTRAINT transition_how_check CHECK (how IN ('facts', 'decision', 'event', 'time'));
INSERT INTO capa.transition
  SELECT s.name, t.into_state, t.how, t.reason FROM capa.state s, (VALUES
    ('merged',   'decision', 'merged into another one, which speaks for it'),
    ('accepted', 'decision', 'accepted until a date, by a risk owner')) AS t(into_state, how, reason)
  WHERE s.place < 8;
INSERT INTO capa.transition
  SELECT t.from_state, s.name, t.how, t.reason FROM capa.state s, (VALUES
    ('accepted', 'time',     'the acceptance has expired: back to where its facts put it'),
    ('accepted', 'decision', 'the acceptance was ended early: back to where its facts put it'),
    ('accepted', 'event',    'a worse event revoked the acceptance: back to where its facts put it'),
    ('rejected', 'decision', 'its batch was undone: back to where its facts put it')) AS t(from_state, how, reason)
  WHERE s.place < 8 ON CONFLICT DO NOTHING;
INSERT INTO capa.transition VALUES
  ('accepted', 'rejected', 'decision', 'rejected with a reason'),
  ('accepted', 'merged',   'decision', 'merged into another one, which speaks for it'),
  ('closed',   'analysed', 'decision', 'its short closing was refused: the need is open again');

CREATE INDEX nc_merged ON capa.nc (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX nc_batch ON capa.nc (batch) WHERE batch IS NOT NULL;
CREATE INDEX request_batch ON capa.request (batch) WHERE batch IS NOT NULL;
CREATE INDEX record_waiver ON capa.record (id) WHERE fact = 'waiver';
