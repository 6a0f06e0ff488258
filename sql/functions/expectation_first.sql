-- The first period of an expectation that begins now: when it begins, and by when something must have come.
CREATE OR REPLACE FUNCTION capa.expectation_first(expect jsonb, now_ timestamptz, OUT from_at timestamptz, OUT due timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  from_at := CASE WHEN expect ->> 'kind' = 'cron' THEN coalesce(capa.cron_next(expect -> 'cron', expect ->> 'zone', now_), 'infinity') ELSE now_ END;
  due := from_at + coalesce(capa.span_interval(expect -> 'every'), '0') + coalesce(capa.span_interval(expect -> 'grace'), '0');
END $$;
