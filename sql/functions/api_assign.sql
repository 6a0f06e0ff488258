-- Another owner of an NC or an action. No date changes with it, and who owned it before stays barred from verifying.
CREATE OR REPLACE FUNCTION api.assign(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('assign', principal, params);
  owner_ text := capa.param_name(params, 'owner', actor);
  action_ int := (capa.reference(params ->> 'ref')).action;
  a capa.action;
BEGIN
  IF action_ IS NULL THEN
    IF owner_ IS DISTINCT FROM n.owner THEN
      n := capa.owner_changed(n, NULL, n.owner, actor);
      n.owner := owner_;
      PERFORM capa.put('nc', to_jsonb(n));
    END IF;
    PERFORM capa.changed(n.id, 'nc.changed', 'assign', 'NC-' || n.id, 'owner: ' || owner_);
  ELSE
    a := capa.action_open(n, action_);
    IF owner_ IS DISTINCT FROM a.owner THEN
      n := capa.owner_changed(n, a.id, a.owner, actor);
      a.owner := owner_;
      PERFORM capa.put('action', to_jsonb(a));
    END IF;
    PERFORM capa.changed(n.id, 'action.changed', 'assign', 'CA-' || a.id, 'owner: ' || owner_,
                         jsonb_build_object('action', capa.action_object(a.id)));
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
