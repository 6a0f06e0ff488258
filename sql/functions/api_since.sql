-- What happened in the register since a moment (24 hours without one), oldest first.
CREATE OR REPLACE FUNCTION api.since(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  PERFORM capa.check_call('since', principal, params);
  RETURN capa.log_lines(NULL, NULL, coalesce(capa.param_number(params, 'after'), 0),
    coalesce(capa.param_moment(params, 'since', capa.policy_default() -> 'calendar', true), capa.now() - interval '24 hours'),
    coalesce(nullif(capa.param_int(params, 'limit', 5000), 0), 500), capa.hidden_ncs(principal, actor));
END $$;
