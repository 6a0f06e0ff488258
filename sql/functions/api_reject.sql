-- Not a nonconformity: left with a reason, and the same failure held back for a while (30 days, at most 90; ends when the rule
-- changes). Major, overdue, or from an audit, complaint or authority: a second person decides (PRODUCT, "Nobody does alone").
-- Several at once, or all that a rule raised since a moment, are one batch, which always takes a second person.
CREATE OR REPLACE FUNCTION api.reject(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  reason_ text;
  suppress_ jsonb;
  extra jsonb := '{}';
  request_ int;
BEGIN
  PERFORM capa.check_call('reject', principal, params);
  reason_ := capa.param_text(params, 'reason');
  suppress_ := coalesce(capa.param_span(params, 'suppress'), '{"mo":0,"d":30,"bd":0,"s":0}');
  IF capa.now() + capa.span_interval(suppress_) > capa.now() + interval '90 days' THEN
    PERFORM capa.fail('refused', 'A rejection holds back the same failure for 90 days at most.');
  END IF;
  IF capa.param_text(params, 'rule') IS NOT NULL OR coalesce(capa.param_bool(params, 'batch'), false) THEN
    RETURN capa.finish(principal, actor, params, capa.reject_batch(params, reason_, suppress_, actor));
  END IF;
  PERFORM capa.reject_one(params);
  n := capa.begin_change('reject', principal, params);
  PERFORM capa.issuer_holds(n, 'rejected');
  IF capa.second_person(n) THEN
    request_ := capa.request_put(n, 'rejection', 'NC-' || n.id, ARRAY[actor], NULL,
                                 jsonb_build_object('reason', reason_, 'suppress', suppress_), reason_);
    extra := capa.request_result(request_);
    PERFORM capa.changed(n.id, 'nc.changed', 'reject', 'NC-' || n.id, 'rejection asked for: ' || reason_);
  ELSE
    PERFORM capa.reject(n, reason_, suppress_, actor);
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
