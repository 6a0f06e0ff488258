-- Silences that apply or will; with all those that ended, newest first.
CREATE OR REPLACE FUNCTION api.silence_list(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  all_ boolean := coalesce(capa.param_bool(params, 'all'), false);
BEGIN
  PERFORM capa.check_call('silence.list', principal, params);
  RETURN (SELECT coalesce(json_agg(capa.silence_object(s) ORDER BY s.id DESC), '[]') FROM capa.silence s
          WHERE all_ OR s.ended_at IS NULL AND s.until > capa.now());
END $$;
