-- By when something must have come, given when that is by the clock: time in which nobody could have heard it (capa.uncovered) moves it
-- on, and after such a time the grace begins again, for what was held back meanwhile. That its
-- source is not heard excuses nothing here.
CREATE OR REPLACE FUNCTION capa.expectation_covered(e capa.expectation, base timestamptz, ends_ timestamptz, grace interval, now_ timestamptz,
                                                    OUT due timestamptz, OUT extended boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM capa.covered_end(e.rule, e.rule_hash, base, ends_, now_, e.nc, false);
  extended := c.uncovered_ > '0';
  due := c.ends;
  IF extended THEN
    due := greatest(due, (SELECT max(u.to_at) FROM capa.uncovered(e.rule, e.rule_hash, base, least(c.ends, now_), e.nc, false) u) + grace,
                    CASE WHEN c.open_ THEN now_ + interval '1 minute' END);
  END IF;
END $$;
