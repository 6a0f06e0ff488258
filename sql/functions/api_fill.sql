-- Several facts as one: facts is an object of what the methods of one fact take, {"contain":{"text",...},"cause":{...},...}; all are
-- recorded, or none, with one append (capactl fill). evidence proves the correction. The need comes last: it may close.
CREATE OR REPLACE FUNCTION api.fill(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('fill', principal, params);
  facts jsonb := params -> 'facts';
  sections text[] := ARRAY['triage', 'contain', 'cause', 'similar', 'isms', 'risk', 'criterion', 'action', 'need'];
  section_ text;
  given jsonb;
  result json;
  extra jsonb := '{}';
BEGIN
  IF jsonb_typeof(facts) <> 'object' THEN
    PERFORM capa.fail('invalid', '"facts" must be an object.', NULL, 'Such as {"contain":{"text":"restarted"},"isms":"none"}.');
  END IF;
  SELECT key INTO section_ FROM jsonb_object_keys(facts) key WHERE key <> ALL (sections) LIMIT 1;
  IF section_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('fill knows no facts called "%s".', left(section_, 40)), NULL,
      format('It takes: %s.', array_to_string(sections, ', ')));
  END IF;
  IF facts = '{}' AND coalesce(params -> 'evidence', '[]') = '[]' THEN
    PERFORM capa.fail('invalid', 'fill was given nothing to record.', NULL, format('capactl fill NC-%s shows what is missing.', n.id));
  END IF;
  PERFORM capa.together(true);
  FOREACH section_ IN ARRAY sections LOOP
    given := capa.fill_params(n.id, section_, facts -> section_, params);
    CONTINUE WHEN given IS NULL;
    result := CASE section_
      WHEN 'triage' THEN api.triage(principal, actor, given)
      WHEN 'contain' THEN CASE WHEN given ? 'ref' THEN api.evidence_add(principal, actor, given, files)
                               ELSE api.contain(principal, actor, given, files) END
      WHEN 'cause' THEN api.cause(principal, actor, given)
      WHEN 'similar' THEN api.similar(principal, actor, given)
      WHEN 'isms' THEN api.isms(principal, actor, given)
      WHEN 'risk' THEN api.risk(principal, actor, given)
      WHEN 'criterion' THEN api.criterion(principal, actor, given)
      WHEN 'action' THEN api.action_add(principal, actor, given)
      ELSE api.need(principal, actor, given) END;
    extra := extra || jsonb_strip_nulls(jsonb_build_object('action', result -> 'action', 'cause', result -> 'cause',
      'evidence', result -> 'evidence', 'request', result -> 'request', 'warnings', result -> 'warnings'));
  END LOOP;
  PERFORM capa.together(false);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
