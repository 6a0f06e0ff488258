-- An expectation whose time to be looked at has come. The newest pass decides: if it answers, the row goes on to the next period, or is gone
-- where nothing more is expected; uncovered time moves it on (extended). Else it is missed: the event that says so is returned until it
-- is stored, and then the next period begins; of several periods that passed meanwhile one speaks. The caller holds the row.
CREATE OR REPLACE FUNCTION capa.expectation_due(e capa.expectation, r capa.rule, now_ timestamptz, OUT missed jsonb, OUT extended boolean)
LANGUAGE plpgsql AS $$
DECLARE
  expect jsonb := r.windows -> 'expect';
  kind_ text := expect ->> 'kind';
  every_ interval := coalesce(capa.span_interval(expect -> 'every'), '0');
  grace_ interval := coalesce(capa.span_interval(expect -> 'grace'), '0');
  newest timestamptz := (SELECT p.observed FROM capa.passed p WHERE p.fingerprint = e.fingerprint AND p.observed <= now_ ORDER BY p.observed DESC LIMIT 1);
  base timestamptz;
  c record;
BEGIN
  extended := false;
  LOOP
    IF kind_ = 'after' AND newest >= e.from_at THEN
      e.from_at := capa.expectation_begun(e, greatest(e.from_at, newest));
    ELSIF kind_ = 'cron' AND newest >= e.from_at THEN
      e.from_at := coalesce(capa.cron_next(expect -> 'cron', expect ->> 'zone', newest), 'infinity');
    END IF;
    IF e.from_at IS NULL THEN
      DELETE FROM capa.expectation x WHERE x.rule = e.rule AND x.fingerprint = e.fingerprint AND x.step = e.step;
      RETURN;
    END IF;
    base := CASE WHEN kind_ = 'every' THEN greatest(e.from_at, newest) ELSE e.from_at END;
    IF base = 'infinity' THEN
      e.due := base;
      EXIT;
    END IF;
    SELECT * INTO c FROM capa.expectation_covered(e, base, base + every_ + grace_, grace_, now_,
      CASE kind_ WHEN 'cron' THEN capa.cron_next(expect -> 'cron', expect ->> 'zone', base) - base ELSE every_ END);
    e.due := c.due;
    extended := extended OR c.extended AND c.due > now_;
    EXIT WHEN e.due > now_;
    missed := capa.expectation_missed(e, r, e.due, NULL);
    IF missed IS NOT NULL AND kind_ <> 'after' THEN
      PERFORM capa.missed_begin(e, base);
    END IF;
    EXIT WHEN missed IS NOT NULL;
    e.from_at := CASE kind_
      WHEN 'after' THEN capa.expectation_begun(e, e.from_at)
      WHEN 'cron' THEN coalesce(capa.cron_next(expect -> 'cron', expect ->> 'zone', greatest(e.from_at, now_ - grace_)), 'infinity')
      ELSE e.due - grace_ + every_ * floor(extract(epoch FROM now_ - e.due) / extract(epoch FROM every_)) END;
  END LOOP;
  UPDATE capa.expectation x SET from_at = coalesce(e.from_at, x.from_at), due = e.due
  WHERE x.rule = e.rule AND x.fingerprint = e.fingerprint AND x.step = e.step AND (x.from_at, x.due) IS DISTINCT FROM (e.from_at, e.due);
END $$;
