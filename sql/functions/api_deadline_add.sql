-- A date that somebody outside set: the issuer of a finding, an authority, a customer. An earlier one than runs is in force at once;
-- a later one takes `extend` with the issuer's letter.
CREATE OR REPLACE FUNCTION api.deadline_add(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('deadline.add', principal, params, actor);
  said text;
BEGIN
  IF n.state IN ('rejected', 'merged') THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: no deadline runs there.', n.id, n.state));
  END IF;
  said := capa.outside_date(n, capa.param_obligation(capa.param_text(params, 'label', 64)),
    capa.param_moment(params, 'due', capa.policy_of(n.id) -> 'calendar'), capa.param_text(params, 'issuer', 200), actor);
  PERFORM capa.changed(n.id, 'deadline.added', 'deadline.add', 'NC-' || n.id,
    said || coalesce(', set by ' || coalesce(capa.param_text(params, 'issuer', 200), n.issuer), ''),
    jsonb_build_object('obligations', capa.obligations_json(n.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('obligations', capa.obligations_json(n.id))));
END $$;
