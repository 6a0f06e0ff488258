-- The rules that are held; with all those that were, newest first.
CREATE OR REPLACE FUNCTION api.rules_holds(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  all_ boolean := coalesce(capa.param_bool(params, 'all'), false);
BEGIN
  PERFORM capa.check_call('rules.holds', principal, params);
  RETURN (SELECT coalesce(json_agg(capa.hold_object(h) ORDER BY h.id DESC), '[]') FROM capa.rule_hold h WHERE all_ OR h.ended_at IS NULL);
END $$;
