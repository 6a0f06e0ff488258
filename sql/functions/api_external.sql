-- What the issuer of a finding decided (PRODUCT, "External findings"). The plan, once it is complete: a refused one loses its
-- approval and must be changed. The closing, when nothing else is missing: accepted it closes, refused a new cycle begins. Withdrawn, at any time: its rejection is
-- asked for, which a second person decides with the issuer's letter at hand.
CREATE OR REPLACE FUNCTION api.external(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('external', principal, params, actor);
  what_ text := capa.param_choice(params, 'what', ARRAY['plan', 'closing']);
  verdict_ text := capa.param_choice(params, 'verdict', ARRAY['accepted', 'refused', 'withdrawn']);
  text_ text := capa.param_text(params, 'text');
  id_ bigint;
  request_ int;
  extra jsonb;
BEGIN
  PERFORM capa.external_check(n, what_, verdict_, text_, coalesce(nullif(params -> 'evidence', 'null'), '[]'));
  id_ := capa.record_put(n, 'external_' || what_, jsonb_build_object('verdict', verdict_,
    'issuer', capa.issuer_of(n), 'text', text_, 'plan', capa.plan_hash(n.id)), actor);
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, NULL, id_));
  IF verdict_ = 'withdrawn' THEN
    request_ := capa.request_put(n, 'rejection', 'NC-' || n.id, ARRAY[actor], NULL, '{"suppress":{"mo":0,"d":30,"bd":0,"s":0}}',
                                 concat_ws(': ', capa.issuer_of(n) || ' withdrew it', text_));
    extra := extra || capa.request_result(request_);
  ELSIF what_ = 'plan' AND verdict_ = 'refused' THEN
    PERFORM capa.plan_unapprove(n, actor, format('%s refused the plan: %s', capa.issuer_of(n), text_));
  ELSIF verdict_ = 'refused' THEN
    PERFORM capa.new_cycle(n.id, 'issuer', 'contained', format('%s refused the closing: %s', capa.issuer_of(n), text_));
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'external', 'NC-' || n.id, concat_ws(': ', format('%s %s the %s', capa.issuer_of(n),
    CASE verdict_ WHEN 'withdrawn' THEN 'withdrew' ELSE verdict_ END, CASE verdict_ WHEN 'withdrawn' THEN 'finding' ELSE what_ END), text_), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
