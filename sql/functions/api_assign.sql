-- Another owner of an NC, an action or a follow-up: one who is there (capa.owner_check). No date changes with it, and who owned it
-- before stays barred from verifying. Of an NC that was left only follow-ups go on.
CREATE OR REPLACE FUNCTION api.assign(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('assign', principal, params);
  owner_ text := capa.param_name(params, 'owner', actor);
  ref_ record := capa.reference(params ->> 'ref');
  a capa.action;
  f capa.follow_up;
  warning text := capa.owner_check(owner_);
BEGIN
  IF ref_.follow_up IS NOT NULL THEN
    SELECT * INTO STRICT f FROM capa.follow_up WHERE id = ref_.follow_up;
    IF f.state <> 'running' THEN
      PERFORM capa.fail('refused', format('FU-%s is %s: it needs no owner.', f.id, f.state));
    END IF;
    f.owner := owner_;
    PERFORM capa.put('follow_up', to_jsonb(f));
    PERFORM capa.changed(n.id, 'nc.changed', 'assign', 'FU-' || f.id, 'owner: ' || owner_);
  ELSIF capa.has_left(n.state) THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: assign changes nothing there.', n.id, n.state), NULL,
      format('capactl reopen NC-%s --reason TEXT begins a new cycle.', n.id));
  ELSIF ref_.action IS NULL THEN
    IF owner_ IS DISTINCT FROM n.owner THEN
      n := capa.owner_changed(n, NULL, n.owner, actor);
      n.owner := owner_;
      PERFORM capa.put('nc', to_jsonb(n));
    END IF;
    PERFORM capa.changed(n.id, 'nc.changed', 'assign', 'NC-' || n.id, 'owner: ' || owner_);
  ELSE
    a := capa.action_open(n, ref_.action);
    IF owner_ IS DISTINCT FROM a.owner THEN
      n := capa.owner_changed(n, a.id, a.owner, actor);
      a.owner := owner_;
      PERFORM capa.put('action', to_jsonb(a));
    END IF;
    PERFORM capa.changed(n.id, 'action.changed', 'assign', 'CA-' || a.id, 'owner: ' || owner_,
                         jsonb_build_object('action', capa.action_object(a.id)));
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('warnings', capa.warnings(warning))));
END $$;
