-- Escalations, newest first: all, of one NC, those that wait for an acknowledgement, those for the caller.
-- Covered ones stand in the list too, each with the message that names it.
CREATE OR REPLACE FUNCTION api.escalations(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  unacked_ boolean := coalesce(capa.param_bool(params, 'unacked'), false);
  mine_ boolean := coalesce(capa.param_bool(params, 'mine'), false);
  limit_ int := least(greatest(coalesce(capa.param_int(params, 'limit'), 500), 1), 5000);
  after_ int;
  nc_ int;
  hidden int[] := capa.hidden_ncs(principal, actor);
BEGIN
  PERFORM capa.check_call('escalations', principal, params);
  IF params -> 'after' <> 'null' THEN
    after_ := capa.escalation_reference(params ->> 'after');
  END IF;
  IF params -> 'nc' <> 'null' THEN
    nc_ := (capa.reference(params ->> 'nc')).nc;
  END IF;
  RETURN (SELECT coalesce(json_agg(capa.escalation_item(e, hidden) ORDER BY e.id DESC), '[]') FROM (
    SELECT * FROM capa.escalation x
    WHERE (after_ IS NULL OR x.id < after_) AND (nc_ IS NULL OR x.nc = nc_)
      AND (NOT unacked_ OR x.id IN (SELECT u.id FROM capa.unacked u))
      AND (NOT mine_ OR capa.escalation_for(actor, x))
    ORDER BY x.id DESC LIMIT limit_) e);
END $$;
