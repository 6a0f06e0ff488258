-- A daemon tells of its subscriptions' links: all of them, at each change and every 15 seconds, [{"name","sources"?:[prefix],"up"?:bool,
-- "for_ms"?:n}]. for_ms: for how long it has been so. Without `up` it is not decided yet, and stays what it was. What differs from what is known
-- is written: an interval ends where the next one begins, that of a subscription named no more ends now, and what an earlier run
-- of the daemon left open ended when that last told. The journal is not touched.
CREATE OR REPLACE FUNCTION api.links(daemon_ text, links jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  now_ timestamptz := capa.now();
  was capa.link_daemon;
  gone_at timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('capa.link.' || daemon_));
  SELECT * INTO was FROM capa.link_daemon d WHERE d.daemon = daemon_;
  gone_at := CASE WHEN clock_timestamp() - was.beat BETWEEN '0' AND '60 seconds' THEN now_ ELSE coalesce(was.at, now_) END;
  UPDATE capa.link l SET to_at = greatest(l.from_at, gone_at)
  WHERE l.daemon = daemon_ AND l.to_at IS NULL AND (gone_at < now_ OR NOT EXISTS (
    SELECT FROM jsonb_to_recordset(links) x(name text, sources text[]) WHERE x.name = l.name AND x.sources IS NOT DISTINCT FROM l.sources));
  UPDATE capa.link l SET to_at = greatest(l.from_at, now_ - x.for_ms * interval '1 millisecond')
  FROM jsonb_to_recordset(links) x(name text, up boolean, for_ms float8)
  WHERE l.daemon = daemon_ AND l.to_at IS NULL AND l.name = x.name AND l.up <> x.up;
  INSERT INTO capa.link (id, name, daemon, sources, up, from_at)
  SELECT nextval('capa.link_no'), x.name, daemon_, x.sources, x.up, greatest(now_ - x.for_ms * interval '1 millisecond',
           (SELECT max(l.to_at) FROM capa.link l WHERE l.daemon = daemon_ AND l.name = x.name))
  FROM jsonb_to_recordset(links) x(name text, sources text[], up boolean, for_ms float8)
  WHERE x.up IS NOT NULL AND NOT EXISTS (SELECT FROM capa.link l WHERE l.daemon = daemon_ AND l.to_at IS NULL AND l.name = x.name);
  IF links <> '[]' OR was.daemon IS NOT NULL THEN
    INSERT INTO capa.link_daemon VALUES (daemon_, now_, clock_timestamp())
    ON CONFLICT (daemon) DO UPDATE SET at = EXCLUDED.at, beat = EXCLUDED.beat;
  END IF;
END $$;
