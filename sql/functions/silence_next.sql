-- When the next silence or hold on a rule ends by itself; for the ticks' timer.
CREATE OR REPLACE FUNCTION capa.silence_next() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN least((SELECT min(h.until) FROM capa.rule_hold h WHERE h.ended_at IS NULL),
               (SELECT min((SELECT min(t.to_at) FROM capa.silence_times(s, capa.now(), capa.now() + interval '8 days') t WHERE t.to_at > capa.now()))
                FROM capa.silence s WHERE s.until > capa.now() AND s.ended_at IS NULL));
END $$;
