-- After a period of a follow-up was decided: the next one begins where that one was due, or it was the last (an end by date is
-- counted in periods too, capa.follow_up_count, for uncovered time moves dates). One whose last period was missed runs on until that is recorded. What a no_recurrence with an end claims is
-- disproved by one fail: it is over as failed. A standing one goes on, and so do audits and tests that somebody does.
-- Puts rows and tells nothing. Returns what became of it, as a part of a sentence.
CREATE OR REPLACE FUNCTION capa.follow_up_next(f capa.follow_up, p capa.follow_up_period) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  next_ capa.follow_up_period;
  newest int := (SELECT max(no) FROM capa.follow_up_period WHERE follow_up = f.id);
  last_ boolean := coalesce(p.no >= f.periods, false);
BEGIN
  IF f.state <> 'running' OR p.no < newest OR (last_ AND p.outcome = 'missed') THEN
    RETURN '';
  ELSIF last_ OR (p.outcome = 'failed' AND f.kind = 'no_recurrence' AND f.periods IS NOT NULL) THEN
    f.state := CASE WHEN last_ AND p.outcome = 'ok' THEN 'ended' WHEN f.kind = 'no_recurrence' THEN 'failed' ELSE 'ended' END;
    f.ended_at := capa.now();
    f.ended_by := p.decided_by;
    f.reason := CASE f.state WHEN 'failed' THEN 'it recurred' ELSE 'its last period is over' END;
    PERFORM capa.put('follow_up', to_jsonb(f));
    RETURN '; FU-' || f.id || CASE f.state WHEN 'failed' THEN ' is over: it recurred' ELSE ' has ended' END;
  END IF;
  next_.follow_up := f.id;
  next_.no := p.no + 1;
  next_.from_at := p.due;
  next_.due := capa.follow_up_date(f, next_.no, p.due, capa.policy_of(f.nc) -> 'calendar');
  PERFORM capa.put('follow_up_period', to_jsonb(next_));
  RETURN '';
END $$;
