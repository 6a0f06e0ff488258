-- The running periods of follow-ups that an event of a fingerprint would decide: a pass one that waits for evidence, a fail one that no
-- recurrence is to be proved by. A period that is decided already hears nothing: further events in it change nothing. A view, since each
-- case of each batch asks it: as a function it would be planned anew each time.
CREATE OR REPLACE VIEW capa.follow_up_hearing AS
  SELECT x.fingerprint, f.kind = 'no_recurrence' AS fails, f.id AS follow_up, p.no, p.from_at, p.due
  FROM capa.nc x JOIN capa.follow_up f ON f.nc = x.id JOIN capa.follow_up_period p ON p.follow_up = f.id
  WHERE f.state = 'running' AND p.outcome IS NULL AND f.kind IN ('no_recurrence', 'evidence');
