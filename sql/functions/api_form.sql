-- The facts that an NC lacks now and on its further way, as the fields of a form (capactl fill): those of capa.form_field that answer
-- a guard which does not hold, each with the guard's sentence; prefilled with what is known. version is for if_version.
CREATE OR REPLACE FUNCTION api.form(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  known jsonb;
  place_ int;
  fields jsonb;
BEGIN
  PERFORM capa.check_call('form', principal, params);
  SELECT * INTO STRICT n FROM capa.nc WHERE id = (capa.reference(params ->> 'nc')).nc;
  PERFORM capa.check_read(principal, actor, n.id);
  SELECT to_jsonb(f) INTO STRICT known FROM capa.fact f WHERE f.nc = n.id;
  SELECT place INTO place_ FROM capa.state WHERE name = n.state;
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('section', x.section, 'name', x.name, 'label', x.label,
           'kind', x.kind, 'choices', x.choices, 'help', x.help, 'step', x.step, 'value', CASE x.section || '.' || x.name
             WHEN 'triage.owner' THEN to_jsonb(n.owner)
             WHEN 'triage.controls' THEN to_jsonb(nullif(n.controls, '{}'))
             WHEN 'triage.requirement' THEN to_jsonb(n.requirement)
             WHEN 'triage.statement' THEN to_jsonb(n.found) END)) ORDER BY x.place), '[]')
  INTO fields FROM (
    SELECT DISTINCT ON (f.place) f.*, s.name AS step,
           replace(replace(replace(g.sentence, '{ref}', 'NC-' || n.id), '{detail}', coalesce(d.detail, '')),
                   '{action}', coalesce(d.action, 'an action')) AS help
    FROM capa.form_field f
    JOIN capa.guard g ON g.fact = ANY (f.facts) AND g.grade = n.grade AND NOT (known ->> g.fact)::boolean
    JOIN capa.state s ON s.name = g.into_state AND s.place > place_
    CROSS JOIN LATERAL capa.detail(n, known, g.fact) d
    WHERE g.way = 'main' OR NOT (known ->> 'need_yes')::boolean
    ORDER BY f.place, g.way, s.place, g.place) x;
  RETURN json_build_object('ref', 'NC-' || n.id, 'title', n.title, 'grade', n.grade, 'state', n.state, 'version', n.version,
                           'fields', fields);
END $$;
