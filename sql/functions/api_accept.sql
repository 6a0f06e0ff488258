-- Asks for a nonconformity to be left as it is until a date, on a risk reference (PRODUCT, "Accepted"). A risk owner who is not
-- its owner approves. It counts as open, its dates go on, and it comes back when the acceptance expires.
CREATE OR REPLACE FUNCTION api.accept(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('accept', principal, params);
  until_ timestamptz := capa.param_moment(params, 'until', capa.policy_of(n.id) -> 'calendar');
  measure_ text := capa.param_text(params, 'measure');
  reason_ text := capa.param_text(params, 'reason');
  extra jsonb;
  request_ int;
BEGIN
  PERFORM capa.acceptance_check(n, until_, measure_);
  request_ := capa.request_put(n, 'acceptance', 'NC-' || n.id, ARRAY[actor], NULL, jsonb_strip_nulls(jsonb_build_object(
    'risk', capa.param_text(params, 'risk', 1024), 'until', capa.rfc3339(until_), 'measure', measure_)), reason_);
  extra := capa.request_result(request_);
  PERFORM capa.changed(n.id, 'nc.changed', 'accept', 'NC-' || n.id, format('acceptance until %s asked for: %s', capa.rfc3339(until_), reason_));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
