-- The follow-ups: those that run, next due first, or with "all" the others too; of everything, or of one NC, action or follow-up.
CREATE OR REPLACE FUNCTION api.follow_up_list(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  about record;
  all_ boolean;
  hidden int[] := capa.hidden_ncs(principal, actor);
BEGIN
  PERFORM capa.check_call('follow_up.list', principal, params);
  all_ := coalesce(capa.param_bool(params, 'all'), false);
  SELECT r.nc, r.action, r.follow_up INTO about FROM (SELECT 1) one
    LEFT JOIN LATERAL capa.reference(capa.param_text(params, 'ref')) r ON capa.param_text(params, 'ref') IS NOT NULL;
  RETURN (SELECT coalesce(json_agg(x.item ORDER BY x.item ->> 'state' <> 'running', x.item ->> 'due', x.id), '[]') FROM (
    SELECT f.id, capa.follow_up_object(f.id) AS item FROM capa.follow_up f
    WHERE NOT f.nc = ANY (hidden) AND (about.nc IS NULL OR f.nc = about.nc) AND (about.action IS NULL OR f.action = about.action)
      AND (about.follow_up IS NULL OR f.id = about.follow_up) AND (all_ OR about.follow_up IS NOT NULL OR f.state = 'running')) x);
END $$;
