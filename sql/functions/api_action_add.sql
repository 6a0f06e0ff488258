-- Plans an action. Dates stick (PRODUCT): one added after an approval names what it replaces (open, or cancelled in this
-- cycle) and inherits its dates, or counts as added late. A due date in the past is refused.
CREATE OR REPLACE FUNCTION api.action_add(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.add', principal, params);
  replaced_ int;
  old capa.action;
  a capa.action;
  warning text;
BEGIN
  a.id := nextval('capa.action_no');
  a.nc := n.id;
  a.cycle := n.cycle;
  a.kind := coalesce(capa.param_choice(params, 'kind', ARRAY['corrective', 'preventive', 'improvement']), 'corrective');
  a.title := capa.param_text(params, 'title', 1024);
  a.owner := capa.param_name(params, 'owner', actor);
  warning := capa.owner_check(a.owner);
  a.expected := capa.param_text(params, 'expect');
  a.due := capa.param_moment(params, 'due', capa.policy_of(n.id) -> 'calendar');
  a.cause := coalesce(capa.param_int(params, 'cause'), (SELECT max(no) FROM capa.record
    WHERE nc = n.id AND cycle = n.cycle AND fact = 'cause' AND retracted_at IS NULL));
  a.state := 'open';
  a.author := actor;
  a.added_at := capa.now();
  a.added_late := false;
  PERFORM capa.cause_known(n, a.cause);
  IF params -> 'replaces' <> 'null' THEN
    old := capa.action_replaceable(n, (capa.reference(params ->> 'replaces')).action);
    IF old.nc <> n.id THEN
      PERFORM capa.fail('refused', format('CA-%s is an action of NC-%s.', old.id, old.nc));
    ELSIF a.due > old.due THEN
      PERFORM capa.fail('refused', format('What replaces CA-%s keeps its due date, %s.', old.id, capa.rfc3339(old.due)), NULL,
        format('Leave the due date out, then ask: capactl extend CA --to DUE --reason TEXT.'));
    END IF;
    a.replaces := old.id;
    a.due := coalesce(a.due, old.due);
    a.due_original := old.due_original;
    IF old.state <> 'cancelled' THEN
      old.state := 'cancelled';
      old.reason := 'replaced by CA-' || a.id;
      PERFORM capa.put('action', to_jsonb(old));
    END IF;
  ELSE
    PERFORM capa.due_ahead(a.due);
    a.due_original := a.due;
    a.added_late := EXISTS (SELECT FROM capa.record WHERE nc = n.id AND cycle = n.cycle AND fact = 'approval');
  END IF;
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.changed(n.id, 'action.added', 'action.add', 'CA-' || a.id, format('%s action: %s', a.kind, a.title),
                       jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('action', 'CA-' || a.id,
    'warnings', capa.warnings(CASE WHEN a.added_late THEN 'added after an approval: it counts as added late' END, warning))));
END $$;
