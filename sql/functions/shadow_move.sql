-- Moves a replay's clock on, never back, and with it the holds on rules, which are placed and released as they were (unless the replay leaves
-- them out). Silences need nothing: their rows say when they apply.
CREATE OR REPLACE FUNCTION capa.shadow_move(at_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  holds_ boolean;
BEGIN
  UPDATE pg_temp.replay SET at = greatest(at, at_) RETURNING at, holds INTO at_, holds_;
  IF NOT holds_ THEN
    RETURN;
  END IF;
  UPDATE capa.rule_hold h SET ended_at = l.ended_at, ended_by = l.ended_by, ended_why = l.ended_why
  FROM pg_temp.live_hold l WHERE l.id = h.id AND h.ended_at IS NULL AND l.ended_at <= at_;
  INSERT INTO capa.rule_hold (id, rule, reason, author, at, until)
  SELECT l.id, l.rule, l.reason, l.author, l.at, l.until FROM pg_temp.live_hold l
  WHERE l.at <= at_ AND coalesce(l.ended_at, 'infinity') > at_ AND NOT EXISTS (SELECT FROM capa.rule_hold h WHERE h.id = l.id);
END $$;
