-- Asks that a follow-up end before its time: a request that another person approves (PRODUCT, "Nobody does alone"). Until then it
-- goes on. Asked for again, it replaces what was asked for before.
CREATE OR REPLACE FUNCTION api.follow_up_stop(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('follow_up.stop', principal, params);
  f capa.follow_up := capa.follow_up_named(params, 'stop');
  reason_ text := capa.param_text(params, 'reason');
  request_ int;
BEGIN
  request_ := capa.request_put(n, 'follow_up_stop', 'FU-' || f.id, ARRAY[actor], NULL, jsonb_build_object('follow_up', f.id, 'title', f.title), reason_);
  PERFORM capa.changed(n.id, 'nc.changed', 'follow_up.stop', 'FU-' || f.id, format('asked that FU-%s be stopped: %s', f.id, reason_));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, capa.request_result(request_)));
END $$;
