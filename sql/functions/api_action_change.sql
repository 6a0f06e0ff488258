-- Completes or corrects an action before it is done: title, expected result, the cause it removes, a due date
-- where it has none. Not another due date (extend) nor another owner (assign). The plan is another one then, and approved anew.
CREATE OR REPLACE FUNCTION api.action_change(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.change', principal, params);
  a capa.action := capa.action_open(n, (capa.reference(params ->> 'action')).action);
  was capa.action := a;
BEGIN
  a.title := coalesce(capa.param_text(params, 'title', 1024), a.title);
  a.expected := coalesce(capa.param_text(params, 'expect'), a.expected);
  a.cause := coalesce(capa.param_int(params, 'cause'), a.cause);
  IF capa.param_text(params, 'due') IS NOT NULL AND a.due IS NOT NULL THEN
    PERFORM capa.fail('refused', format('CA-%s is due %s, and dates stick.', a.id, capa.rfc3339(a.due)), NULL,
      format('capactl extend CA-%s --to DUE --reason TEXT asks for a later one.', a.id));
  ELSIF capa.param_text(params, 'due') IS NOT NULL THEN
    a.due := capa.param_moment(params, 'due', capa.policy_of(n.id) -> 'calendar');
    a.due_original := a.due;
    PERFORM capa.due_ahead(a.due);
  END IF;
  PERFORM capa.cause_known(n, capa.param_int(params, 'cause'));
  IF a = was THEN
    PERFORM capa.fail('invalid', 'action.change was given nothing to change.', NULL, 'Give a title, an expected result or a cause.');
  END IF;
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.record_put(n, 'plan_change', jsonb_build_object('action', a.id, 'title', was.title, 'expected', was.expected), actor);
  PERFORM capa.changed(n.id, 'action.changed', 'action.change', 'CA-' || a.id, format('%s; expected: %s', a.title, coalesce(a.expected, '-')),
                       jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
