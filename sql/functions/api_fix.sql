-- A nonconformity of grade minor or less in one command: correction, consequences, cause, similar ones and, with no_further, the
-- decision that no action is needed, which is the short way to closing (a second person confirms it). All or nothing, one
-- append. What it was not told stays missing, and the result says so; consequences that it was not told of
-- are recorded as what they are: none reported.
CREATE OR REPLACE FUNCTION api.fix(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('fix', principal, params);
  ref_ jsonb := jsonb_build_object('nc', 'NC-' || n.id);
  consequences_ text := capa.param_text(params, 'consequences');
  no_further_ text := capa.param_text(params, 'no_further');
  contained json;
  caused json;
BEGIN
  IF capa.grade_rank(n.grade) > capa.grade_rank('minor') THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: fix is for grade minor or less.', n.id, n.grade), NULL,
      format('capactl fill NC-%s asks for all that is missing; capactl next NC-%s names the next fact.', n.id, n.id));
  END IF;
  IF consequences_ IS NULL AND capa.record_of(n.id, n.cycle, 'consequences') IS NULL THEN
    consequences_ := 'none reported';
  END IF;
  PERFORM capa.together(true);
  contained := api.contain(principal, actor, ref_ || jsonb_strip_nulls(jsonb_build_object('text', params -> 'text',
    'consequences', consequences_, 'evidence', params -> 'evidence')), files);
  caused := api.cause(principal, actor, ref_ || jsonb_strip_nulls(jsonb_build_object('text', params -> 'cause',
    'category', params -> 'category', 'method', params -> 'method', 'why', params -> 'why')));
  IF coalesce(capa.param_text(params, 'elsewhere'), capa.param_text(params, 'conclude')) IS NOT NULL THEN
    PERFORM api.similar(principal, actor, ref_ || jsonb_strip_nulls(jsonb_build_object('elsewhere', params -> 'elsewhere',
      'conclude', params -> 'conclude')));
  END IF;
  -- before the need, which may close it
  IF capa.param_text(params, 'isms') IS NOT NULL THEN
    PERFORM api.isms(principal, actor, ref_ || jsonb_build_object('isms', params -> 'isms'));
  END IF;
  IF capa.param_text(params, 'risk') IS NOT NULL THEN
    PERFORM api.risk(principal, actor, ref_ || jsonb_build_object('risk', params -> 'risk'));
  END IF;
  IF no_further_ IS NOT NULL THEN
    PERFORM api.need(principal, actor, ref_ || jsonb_build_object('need', 'no', 'reason', no_further_));
  END IF;
  PERFORM capa.together(false);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object(
    'action', contained -> 'action', 'evidence', contained -> 'evidence', 'cause', caused -> 'cause')));
END $$;
