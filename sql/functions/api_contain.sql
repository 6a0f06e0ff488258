-- The correction, apart from and before corrective action (10.2 a): what was done, with evidence; the consequences; or why no
-- correction applies. A correction is an action of kind correction, done (SEMANTICS section 6).
CREATE OR REPLACE FUNCTION api.contain(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('contain', principal, params);
  text_ text := capa.param_text(params, 'text');
  consequences_ text := capa.param_text(params, 'consequences');
  not_applicable_ text := capa.param_text(params, 'not_applicable');
  a capa.action;
  extra jsonb := '{}';
  said text[] := '{}';
BEGIN
  IF text_ IS NOT NULL AND not_applicable_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', 'Either a correction was made, or none applies: not both.');
  ELSIF text_ IS NULL AND not_applicable_ IS NULL AND consequences_ IS NULL THEN
    PERFORM capa.fail('invalid', 'contain was given nothing to record.', NULL,
      format('capactl contain NC-%s TEXT --evidence FILE --consequences TEXT', n.id));
  END IF;
  IF text_ IS NOT NULL THEN
    a.id := nextval('capa.action_no');
    a.nc := n.id;
    a.cycle := n.cycle;
    a.kind := 'correction';
    a.title := text_;
    a.owner := actor;
    a.state := 'done';
    a.author := actor;
    a.added_at := capa.now();
    a.done_at := a.added_at;
    a.done_by := actor;
    a.added_late := false;
    PERFORM capa.put('action', to_jsonb(a));
    extra := jsonb_build_object('action', 'CA-' || a.id);
    said := said || ('corrected: ' || text_);
  ELSIF not_applicable_ IS NOT NULL THEN
    PERFORM capa.record_put(n, 'not_applicable', jsonb_build_object('reason', not_applicable_), actor);
    said := said || ('no correction applies: ' || not_applicable_);
  END IF;
  IF consequences_ IS NOT NULL THEN
    PERFORM capa.record_put(n, 'consequences', jsonb_build_object('text', consequences_), actor);
    said := said || ('consequences: ' || consequences_);
  END IF;
  IF a.id IS NULL AND not_applicable_ IS NULL AND params -> 'evidence' <> 'null' THEN
    SELECT * INTO a FROM capa.action WHERE nc = n.id AND cycle = n.cycle AND kind = 'correction' AND state = 'done'
      ORDER BY id DESC LIMIT 1;
  END IF;
  extra := extra || capa.evidence_refs(capa.evidence_put(n, params, files, actor, a.id));
  PERFORM capa.changed(n.id, 'nc.changed', 'contain', 'NC-' || n.id, array_to_string(said, '; '), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
