-- What the issuer of a finding decided (PRODUCT, "External findings"). The plan, once it is complete: a refused one loses its
-- approval and must be changed. The closing, when nothing else is missing: accepted it closes, refused a new cycle begins.
CREATE OR REPLACE FUNCTION api.external(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('external', principal, params, actor);
  what_ text := capa.param_choice(params, 'what', ARRAY['plan', 'closing']);
  accepted boolean := capa.param_choice(params, 'verdict', ARRAY['accepted', 'refused']) = 'accepted';
  text_ text := capa.param_text(params, 'text');
  id_ bigint;
  extra jsonb;
BEGIN
  PERFORM capa.external_check(n, what_, accepted, text_, coalesce(nullif(params -> 'evidence', 'null'), '[]'));
  id_ := capa.record_put(n, 'external_' || what_, jsonb_build_object('verdict', CASE WHEN accepted THEN 'accepted' ELSE 'refused' END,
    'issuer', capa.issuer_of(n), 'text', text_, 'plan', capa.plan_hash(n.id)), actor);
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, NULL, id_));
  IF what_ = 'plan' AND NOT accepted THEN
    PERFORM capa.plan_unapprove(n, actor, format('%s refused the plan: %s', capa.issuer_of(n), text_));
  ELSIF what_ = 'closing' AND NOT accepted THEN
    PERFORM capa.new_cycle(n.id, 'issuer', 'contained', format('%s refused the closing: %s', capa.issuer_of(n), text_));
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'external', 'NC-' || n.id, concat_ws(': ', format('%s %s the %s', capa.issuer_of(n),
    CASE WHEN accepted THEN 'accepted' ELSE 'refused' END, what_), text_), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
