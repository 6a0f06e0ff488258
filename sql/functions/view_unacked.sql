-- Escalations that wait for an acknowledgement: fired, asked for one (L1 and up), none in force, the deadline still running
-- under that due date, and not followed by a repeat of its step, which speaks for it. A higher step leaves it waiting.
CREATE OR REPLACE VIEW capa.unacked AS
SELECT e.*
FROM capa.escalation e JOIN capa.deadline d ON d.id = e.deadline
WHERE e.state = 'fired' AND e.ack_span IS NOT NULL
  AND d.met_at IS NULL AND d.void_at IS NULL AND d.due = e.due
  AND coalesce(e.acked_until, '-infinity') <= capa.now()
  AND NOT EXISTS (SELECT FROM capa.escalation l
                  WHERE l.deadline = e.deadline AND l.due = e.due AND l.step = e.step AND l.state = 'fired' AND l.n > e.n);
