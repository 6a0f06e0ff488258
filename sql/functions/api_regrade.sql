-- Another grade, with a reason. Up is at once, and its open deadlines tighten; down waits for a second person, and old
-- deadlines stand (PRODUCT, "Nobody does alone"; SEMANTICS section 7).
CREATE OR REPLACE FUNCTION api.regrade(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('regrade', principal, params);
  to_ text := capa.param_choice(params, 'to', capa.grades());
  reason_ text := capa.param_text(params, 'reason');
  extra jsonb := '{}';
BEGIN
  IF to_ = n.grade THEN
    PERFORM capa.fail('refused', format('NC-%s is %s already.', n.id, to_));
  END IF;
  IF capa.grade_rank(to_) < capa.grade_rank(n.grade) THEN
    extra := capa.regrade_ask(n, to_, actor, reason_);
    PERFORM capa.changed(n.id, 'nc.changed', 'regrade', 'NC-' || n.id,
      format('lower grade asked for: %s instead of %s: %s', to_, n.grade, reason_));
  ELSE
    PERFORM capa.regrade(n, to_, actor, reason_);
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
