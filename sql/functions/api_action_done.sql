-- An action is done: with evidence, now or attached before (10.2 f).
CREATE OR REPLACE FUNCTION api.action_done(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('action.done', principal, params);
  a capa.action := capa.action_open(n, (capa.reference(params ->> 'action')).action);
  extra jsonb := capa.evidence_refs(capa.evidence_put(n, params, files, actor, a.id));
BEGIN
  IF NOT EXISTS (SELECT FROM capa.evidence e WHERE e.nc = n.id AND e.action = a.id) THEN
    PERFORM capa.fail('refused', format('CA-%s has no evidence that it was done.', a.id),
      jsonb_build_object('missing', jsonb_build_array(jsonb_build_object('fact', 'action_evidence',
        'sentence', format('CA-%s has no evidence', a.id), 'command', format('capactl action done CA-%s --evidence FILE', a.id)))),
      format('capactl action done CA-%s --evidence FILE', a.id));
  END IF;
  a.state := 'done';
  a.done_at := capa.now();
  a.done_by := actor;
  PERFORM capa.put('action', to_jsonb(a));
  PERFORM capa.changed(n.id, 'action.done', 'action.done', 'CA-' || a.id, concat_ws(': ', 'done', capa.param_text(params, 'text')),
                       extra || jsonb_build_object('action', capa.action_object(a.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
