-- The rules whose fails may be held back at a moment: held ones, and those of silences that apply; * where one of these is about any
-- rule. Null: none. Asked once a batch.
CREATE OR REPLACE FUNCTION capa.muting(at_ timestamptz) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT array_agg(x.rule) FROM (
    SELECT h.rule FROM capa.rule_hold h WHERE h.ended_at IS NULL AND coalesce(h.until, 'infinity') > at_
    UNION
    SELECT coalesce(s.rule, '*') FROM capa.silence s WHERE s.until > at_ AND s.from_at <= at_ AND NOT s.publish_only
      AND capa.silence_applies(s, at_) IS NOT NULL) x);
END $$;
