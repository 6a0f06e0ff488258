-- The verdict on effectiveness (10.2 d), by somebody independent: effective only after the window, without a fail inside it and
-- with the passes asked for. Partial or not effective begins a new cycle with its own cause and plan.
CREATE OR REPLACE FUNCTION api.verify(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('verify', principal, params);
  verdict_ text := capa.param_choice(params, 'verdict', ARRAY['effective', 'partial', 'not_effective']);
  text_ text := capa.param_text(params, 'text');
  lack jsonb;
  id_ bigint;
  extra jsonb;
BEGIN
  IF n.state <> 'verifying' THEN
    PERFORM capa.fail('refused', format('NC-%s is %s, not verifying: there is nothing to judge yet.', n.id, n.state),
      jsonb_build_object('missing', capa.missing(n.id)), (SELECT m ->> 'command' FROM jsonb_array_elements(capa.missing(n.id)) m LIMIT 1));
  END IF;
  IF n.grade <> 'ofi' AND capa.barred(n.id, n.cycle, actor) IS NOT NULL THEN
    PERFORM capa.waive(n, params, 'verify', actor, format('You may not verify NC-%s: %s %s.', n.id, actor, capa.barred(n.id, n.cycle, actor)),
      'Barred from verifying: whoever was owner, action owner, plan author or approver of an extension in this cycle. Ask somebody else.');
  END IF;
  SELECT jsonb_agg(m) INTO lack FROM jsonb_array_elements(capa.missing(n.id)) m
    WHERE m ->> 'fact' IN ('window', 'no_fail', 'passes');
  IF verdict_ = 'effective' AND lack IS NOT NULL THEN
    PERFORM capa.fail('refused', format('NC-%s cannot be judged effective yet: %s.', n.id,
        (SELECT string_agg(m ->> 'sentence', '; ') FROM jsonb_array_elements(lack) m)),
      jsonb_build_object('missing', lack), (SELECT m ->> 'command' FROM jsonb_array_elements(lack) m LIMIT 1));
  END IF;
  id_ := capa.record_put(n, 'verdict', jsonb_build_object('verdict', verdict_, 'text', text_, 'plan', capa.plan_hash(n.id)), actor);
  PERFORM capa.isms_risk_put(n, params, actor);
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, NULL, id_));
  IF verdict_ <> 'effective' THEN
    PERFORM capa.new_cycle(n.id, 'verdict', 'contained', text_);
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'verify', 'NC-' || n.id, format('%s: %s', replace(verdict_, '_', ' '), text_), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
