-- By when something must have come, given when that is by the clock: time in which nobody could have heard it (capa.uncovered) moves it
-- on, and after such a time the grace begins again, for what was held back meanwhile. What a publisher says while a link is down
-- nobody holds back: where that may have been it, another period (again_) is waited for, too. That its source is not heard
-- excuses nothing here.
CREATE OR REPLACE FUNCTION capa.expectation_covered(e capa.expectation, base timestamptz, ends_ timestamptz, grace interval, now_ timestamptz,
                                                    again_ interval DEFAULT '0', OUT due timestamptz, OUT extended boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE
  sources_ text[] := CASE WHEN e.step = 0 THEN capa.expected_sources(e.rule, e.rule_hash, e.fingerprint) END;
  c record;
BEGIN
  IF again_ > '0' AND EXISTS (SELECT FROM capa.link_gaps(sources_, base, least(ends_, now_))) THEN
    ends_ := ends_ + again_;
  END IF;
  SELECT * INTO c FROM capa.covered_end(e.rule, e.rule_hash, base, ends_, now_, e.nc, false, sources_);
  extended := c.uncovered_ > '0';
  due := c.ends;
  IF extended THEN
    due := greatest(due, (SELECT max(u.to_at) FROM capa.uncovered(e.rule, e.rule_hash, base, least(c.ends, now_), e.nc, false, sources_) u) + grace,
                    CASE WHEN c.open_ THEN now_ + interval '1 minute' END);
  END IF;
END $$;
