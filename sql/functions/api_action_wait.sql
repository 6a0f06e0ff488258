-- An action waits for somebody or something outside its owner's reach. Its due date and its ladder go on; starting or finishing it
-- ends the waiting, and when `until` passes it stands on the owner's page again.
CREATE OR REPLACE FUNCTION api.action_wait(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.wait', principal, params, actor);
  a capa.action := capa.action_open(n, (capa.reference(params ->> 'action')).action);
  until_ timestamptz := capa.param_moment(params, 'until', capa.policy_of(n.id) -> 'calendar');
BEGIN
  IF until_ <= capa.now() THEN
    PERFORM capa.fail('refused', format('"until" is %s, which has passed.', capa.rfc3339(until_)), NULL,
      'Give a date ahead, or a duration such as 10d.');
  END IF;
  a.state := 'waiting';
  a.waiting_on := capa.param_text(params, 'on', 200);
  a.waiting_until := until_;
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.changed(n.id, 'action.changed', 'action.wait', 'CA-' || a.id, concat_ws(': ', format('waits on %s until %s', a.waiting_on,
    capa.rfc3339(until_)), capa.param_text(params, 'reason')), jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
