-- When a replay next has something to do without an event, as live ticks would: at once where events changed the register since the last tick
-- (changed_), else when an expectation is due, a silence or a hold begins or ends (so that no batch lies on both sides of it), a window, an
-- acceptance or a follow-up's period ends. In a time when no daemon ticked nothing is done: then when one came back. Null: nothing is.
CREATE OR REPLACE FUNCTION capa.shadow_next(changed_ boolean) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  now_ timestamptz := capa.now();
  next_ timestamptz;
BEGIN
  IF changed_ AND (SELECT r.ticked < (SELECT coalesce(max(t.n), 0) FROM pg_temp.told t) FROM pg_temp.replay r) THEN
    next_ := now_;
  ELSE
    next_ := least((SELECT min(e.due) FROM capa.expectation e WHERE e.due > now_ AND e.due < 'infinity'),
                   (SELECT min(d.next_at) FROM capa.deadline d WHERE d.next_at > now_),
                   (SELECT min(m) FROM pg_temp.live_hold h CROSS JOIN unnest(ARRAY[h.at, h.until, h.ended_at]) m WHERE m > now_),
                   (SELECT min(m) FROM capa.silence s LEFT JOIN LATERAL capa.silence_times(s, now_, now_ + interval '8 days') t ON true
                    CROSS JOIN unnest(ARRAY[s.from_at, t.from_at, t.to_at]) m WHERE s.until > now_ AND m > now_));
  END IF;
  IF next_ IS NULL OR EXISTS (SELECT FROM capa.presence p WHERE next_ BETWEEN p.from_at AND p.to_at) THEN
    RETURN next_;
  END IF;
  RETURN greatest(next_, (SELECT min(p.from_at) FROM capa.presence p WHERE p.from_at > next_));
END $$;
