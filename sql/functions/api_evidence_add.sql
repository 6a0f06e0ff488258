-- Evidence for an NC or one of its actions: a file, a link, an event (10.2 f, g).
CREATE OR REPLACE FUNCTION api.evidence_add(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('evidence.add', principal, params);
  action_ int := (capa.reference(params ->> 'ref')).action;
  extra jsonb := capa.evidence_refs(capa.evidence_put(n, params, files, actor, action_));
BEGIN
  IF extra = '{}' THEN
    PERFORM capa.fail('invalid', '"evidence" is an empty list.');
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'evidence.add', coalesce('CA-' || action_, 'NC-' || n.id),
    'evidence: ' || (SELECT string_agg(format('%s %s', x.ref, e.name), ', ' ORDER BY e.id)
                     FROM jsonb_array_elements_text(extra -> 'evidence') AS x(ref)
                     JOIN capa.evidence e ON 'EV-' || e.id = x.ref), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
