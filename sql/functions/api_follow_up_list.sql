-- The follow-ups: those that run, next due first, or with "all" the others too; of everything, or of one NC, action or follow-up.
CREATE OR REPLACE FUNCTION api.follow_up_list(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  nc_ int;
  action_ int;
  follow_up_ int;
  all_ boolean;
  hidden int[] := capa.hidden_ncs(principal, actor);
BEGIN
  PERFORM capa.check_call('follow_up.list', principal, params);
  all_ := coalesce(capa.param_bool(params, 'all'), false);
  IF capa.param_text(params, 'ref') IS NOT NULL THEN
    SELECT r.nc, r.action, r.follow_up INTO nc_, action_, follow_up_ FROM capa.reference(params ->> 'ref') r;
  END IF;
  RETURN (SELECT coalesce(json_agg(x.item ORDER BY x.item ->> 'state' <> 'running', x.item ->> 'due', x.id), '[]') FROM (
    SELECT f.id, capa.follow_up_object(f.id) AS item FROM capa.follow_up f
    WHERE NOT f.nc = ANY (hidden) AND (nc_ IS NULL OR f.nc = nc_) AND (action_ IS NULL OR f.action = action_)
      AND (follow_up_ IS NULL OR f.id = follow_up_) AND (all_ OR follow_up_ IS NOT NULL OR f.state = 'running')) x);
END $$;
