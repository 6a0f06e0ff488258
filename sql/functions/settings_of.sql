-- The settings of a loaded configuration by their names: {"late_after":span,"retention.events":span,"storm":{"n","within"},…}. What it
-- does not say is as without a configuration; members of spans that are nothing are left out, so that equal ones are equal.
CREATE OR REPLACE FUNCTION capa.settings_of(body jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_object_agg(s.name, CASE WHEN s.standard ? 'within' THEN v.value || jsonb_build_object('within', capa.span_plain(v.value -> 'within'))
                                       WHEN jsonb_typeof(s.standard) = 'object' THEN capa.span_plain(v.value) ELSE v.value END)
  FROM capa.setting s CROSS JOIN LATERAL (SELECT coalesce(body #> string_to_array(s.name, '.'), s.standard) AS value) v
  WHERE s.standard IS NOT NULL
$$;
