-- The grade of an open NC grows when nothing passed for a time: counted from its first fail since the last pass, or since its cycle
-- began, over covered time. Looked at when it could be so, never with an event: a pass or a fail moves no row. What has left the main
-- line, is being verified or has that grade already waits no more (capa.expectations_wait makes the row again where it does).
CREATE OR REPLACE FUNCTION capa.expectation_growth(e capa.expectation, r capa.rule, now_ timestamptz, OUT missed jsonb, OUT extended boolean)
LANGUAGE plpgsql AS $$
DECLARE
  growth_ jsonb := r.growth -> e.step - 1;
  span interval := capa.span_interval(growth_ -> 'no_pass_for');
  n capa.nc;
  first_ timestamptz;
  c record;
BEGIN
  extended := false;
  SELECT * INTO n FROM capa.nc WHERE id = e.nc;
  IF NOT capa.expectation_waits(n, growth_) THEN
    DELETE FROM capa.expectation x WHERE x.rule = e.rule AND x.fingerprint = e.fingerprint AND x.step = e.step;
    RETURN;
  END IF;
  SELECT min(f.observed) INTO first_ FROM (
    SELECT v.observed FROM capa.nc_event v WHERE v.nc = n.id AND v.effect = 'f' AND v.eventno > coalesce(
      (SELECT p.eventno FROM capa.nc_event p WHERE p.nc = n.id AND p.effect = 'p' ORDER BY p.eventno DESC LIMIT 1), 0)
    ORDER BY v.eventno LIMIT 100) f;
  IF first_ IS NULL THEN
    e.due := now_ + span;
  ELSE
    e.from_at := greatest(first_, (SELECT y.began_at FROM capa.cycle y WHERE y.nc = n.id AND y.no = n.cycle));
    SELECT * INTO c FROM capa.expectation_covered(e, e.from_at, e.from_at + span, '0', now_);
    e.due := c.due;
    extended := c.extended AND c.due > now_;
    IF e.due <= now_ THEN
      missed := capa.expectation_missed(e, r, e.due, growth_ ->> 'to');
      e.due := CASE WHEN missed IS NULL THEN now_ + span ELSE e.due END;
    END IF;
  END IF;
  UPDATE capa.expectation x SET from_at = e.from_at, due = e.due
  WHERE x.rule = e.rule AND x.fingerprint = e.fingerprint AND x.step = e.step AND (x.from_at, x.due) IS DISTINCT FROM (e.from_at, e.due);
END $$;
