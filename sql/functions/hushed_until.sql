-- Until when a silence on publishing holds the escalations of an NC back; null: none does. What the law sets a clock for never waits.
CREATE OR REPLACE FUNCTION capa.hushed_until(d capa.deadline, at_ timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF d.kind = 'clock' OR NOT EXISTS (SELECT FROM capa.silence s WHERE s.until > at_ AND s.from_at <= at_ AND s.publish_only) THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT max(capa.silence_applies(s, at_)) FROM capa.silence s JOIN capa.nc n ON n.id = d.nc
          WHERE s.until > at_ AND s.from_at <= at_ AND s.publish_only AND capa.silence_covers(s, n.rule, n.asset, n.source, n.grade, n.labels));
END $$;
