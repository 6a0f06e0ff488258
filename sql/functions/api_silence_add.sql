-- A silence or a maintenance window (PRODUCT, "Storms"): holds back raising, or only escalations, never recording. preview: says what it
-- would hide, and changes nothing.
CREATE OR REPLACE FUNCTION api.silence_add(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  s capa.silence;
  preview jsonb;
BEGIN
  PERFORM capa.check_call('silence.add', principal, params);
  s := capa.silence_read(params, actor);
  preview := capa.silence_preview(s, capa.hidden_ncs(principal, actor));
  IF coalesce(capa.param_bool(params, 'preview'), false) THEN
    RETURN jsonb_build_object('preview', preview, 'sentence', format('it would cover %s open and, in the last 7 days, %s raised, %s fails, %s escalations',
      preview ->> 'open', preview ->> 'raised', preview ->> 'fails', preview ->> 'escalations'))::json;
  END IF;
  s.id := nextval('capa.silence_no');
  PERFORM capa.put('silence', to_jsonb(s));
  PERFORM capa.tell('silence.added', 'silence.add', 'SIL-' || s.id, NULL, jsonb_build_object('what', 'silence.add', 'silence', capa.silence_object(s),
    'sentence', format('SIL-%s until %s: %s', s.id, capa.rfc3339(s.until), s.reason)));
  PERFORM capa.silence_replan(s);
  RETURN capa.finish(principal, actor, params, jsonb_build_object('ref', 'SIL-' || s.id, 'state', capa.silence_object(s) ->> 'state',
    'silence', capa.silence_object(s), 'preview', preview, 'missing', '[]'::jsonb,
    'sentence', format('%s%s until %s', CASE WHEN s.publish_only THEN 'escalations wait' ELSE 'nothing is raised' END,
      CASE WHEN s.every IS NOT NULL THEN ' in each of its windows' ELSE '' END, capa.rfc3339(s.until)),
    'next', jsonb_build_array(jsonb_build_object('sentence', 'When it is over earlier, end it', 'command', format('capactl silence end SIL-%s --reason TEXT', s.id)))));
END $$;
