-- Whether a failure that no NC speaks for belongs to a storm of its rule: one runs, or the rule has raised as many as its limit says in its
-- time (SEMANTICS section 4). The caller holds the lock of the storm's fingerprint.
CREATE OR REPLACE FUNCTION capa.storm_takes(r capa.rule, at_ timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  limit_ jsonb := capa.storm_limit(r);
  within_ interval := capa.span_interval(limit_ -> 'within');
  storm_ bytea := decode(capa.storm_fingerprint(r.id), 'hex');
BEGIN
  IF limit_ IS NULL OR (limit_ ->> 'n')::int = 0 THEN
    RETURN false;
  END IF;
  RETURN capa.storm_runs(r.id, within_, at_) OR coalesce(
    (SELECT n.raised_at > at_ - within_ FROM capa.nc n WHERE n.rule = r.id AND n.raised_by = 'rule ' || r.id
       AND n.fingerprint IS DISTINCT FROM storm_
     ORDER BY n.id DESC OFFSET (limit_ ->> 'n')::int - 1 LIMIT 1), false);
END $$;
