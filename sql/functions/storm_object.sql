-- What show says of a storm: {"running","failures","newest":[{"fingerprint","title","asset","source","at"}]} (the newest 100), null of any other NC.
CREATE OR REPLACE FUNCTION capa.storm_object(n capa.nc) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('running', capa.storm_runs(n.rule, (SELECT capa.span_interval(capa.storm_limit(r) -> 'within') FROM capa.rule r
      WHERE r.ruleset = n.ruleset AND r.id = n.rule LIMIT 1), capa.now()),
    'failures', count(*), 'newest', (SELECT jsonb_agg(jsonb_build_object('fingerprint', o.fingerprint, 'title', o.title, 'asset', o.asset,
      'source', o.source, 'at', capa.rfc3339(o.at)) ORDER BY o.at DESC, o.fingerprint)
      FROM (SELECT * FROM capa.overflow x WHERE x.nc = n.id ORDER BY x.at DESC, x.fingerprint LIMIT 100) o))
  FROM capa.overflow o WHERE o.nc = n.id HAVING count(*) > 0
$$;
