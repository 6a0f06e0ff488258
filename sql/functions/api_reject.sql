-- Not a nonconformity: left with a reason, and the same failure held back for a while (30 days, at most 90; ends when the rule
-- changes). Major, overdue, or from an audit, complaint or authority: a second person decides (PRODUCT, "Nobody does alone").
CREATE OR REPLACE FUNCTION api.reject(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('reject', principal, params);
  reason_ text := capa.param_text(params, 'reason');
  suppress_ jsonb := coalesce(capa.param_span(params, 'suppress'), '{"mo":0,"d":30,"bd":0,"s":0}');
  extra jsonb := '{}';
  request_ int;
BEGIN
  IF capa.now() + capa.span_interval(suppress_) > capa.now() + interval '90 days' THEN
    PERFORM capa.fail('refused', 'A rejection holds back the same failure for 90 days at most.');
  END IF;
  IF n.grade IN ('critical', 'major') OR n.source_kind IN ('internal_audit', 'external_audit', 'complaint', 'authority')
     OR coalesce((SELECT d.overdue FROM capa.next_due d WHERE d.nc = n.id), false) THEN
    request_ := capa.request_put(n, 'rejection', 'NC-' || n.id, ARRAY[actor], NULL,
                                 jsonb_build_object('reason', reason_, 'suppress', suppress_), reason_);
    extra := capa.request_result(request_);
    PERFORM capa.changed(n.id, 'nc.changed', 'reject', 'NC-' || n.id, 'rejection asked for: ' || reason_);
  ELSE
    PERFORM capa.reject(n, reason_, suppress_, actor);
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
