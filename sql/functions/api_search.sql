-- NCs with a text in title, statement, asset, references, causes, actions, notes; open ones first, newest first.
CREATE OR REPLACE FUNCTION api.search(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  needle text;
  most int;
  result json;
  hidden int[];
BEGIN
  PERFORM capa.check_call('search', principal, params);
  needle := '%' || regexp_replace(capa.param_text(params, 'text', 200), '([\\%_])', '\\\1', 'g') || '%';
  most := coalesce(nullif(capa.param_int(params, 'limit', 1000), 0), 100);
  hidden := capa.hidden_ncs(principal, actor);
  WITH found AS (
    SELECT n.id AS nc, w.what FROM capa.nc n CROSS JOIN LATERAL (VALUES ('title', n.title), ('statement', n.found),
      ('requirement', n.requirement), ('asset', n.asset), ('owner', n.owner), ('external_ref', n.external_ref), ('issuer', n.issuer),
      ('supplier', n.supplier), ('control', array_to_string(n.controls, ' ')), ('rule', n.rule)) AS w(what, text_)
      WHERE w.text_ ILIKE needle
    UNION SELECT a.nc, 'action' FROM capa.action a WHERE a.title ILIKE needle OR a.expected ILIKE needle
    UNION SELECT r.nc, r.fact FROM capa.record r WHERE r.retracted_at IS NULL AND r.value ->> 'text' ILIKE needle
    UNION SELECT r.nc, r.fact FROM capa.record r WHERE r.retracted_at IS NULL AND r.value ->> 'reason' ILIKE needle
  ), hit AS (
    SELECT f.nc, jsonb_agg(DISTINCT f.what) AS found_in, NOT capa.has_left(n.state) AS is_open
    FROM found f JOIN capa.nc n ON n.id = f.nc WHERE NOT f.nc = ANY (hidden) GROUP BY f.nc, n.state ORDER BY 3 DESC, f.nc DESC LIMIT most
  )
  SELECT coalesce(json_agg(capa.summary(h.nc) || jsonb_build_object('found_in', h.found_in) ORDER BY h.is_open DESC, h.nc DESC), '[]')
  INTO result FROM hit h;
  RETURN result;
END $$;
