-- Starts a statutory clock: exact, urgent whatever the grade, never extended. From when it became known unless another moment
-- is given; each of its dates is met by `deadline met`.
CREATE OR REPLACE FUNCTION api.clock(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('clock', principal, params, actor);
  law text := capa.param_choice(params, 'law', ARRAY['nis2', 'gdpr']);
  calendar jsonb := capa.policy_of(n.id) -> 'calendar';
  from_ timestamptz := coalesce(capa.param_moment(params, 'from', calendar, true), n.aware_at);
  said text;
BEGIN
  IF n.state IN ('rejected', 'merged') THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: no clock runs there.', n.id, n.state));
  ELSIF from_ > capa.now() THEN
    PERFORM capa.fail('refused', format('The clock cannot start in the future (%s).', capa.rfc3339(from_)), NULL,
      'It starts when the organisation became aware: a date, a time, or how long ago (2h).');
  ELSIF EXISTS (SELECT FROM capa.obligation o WHERE o.nc = n.id AND o.kind = 'clock' AND o.source = law) THEN
    PERFORM capa.fail('refused', format('The clock of %s runs for NC-%s already.', law, n.id), NULL,
      format('capactl show NC-%s has its dates; capactl deadline met NC-%s LABEL meets one.', n.id, n.id));
  END IF;
  PERFORM capa.obligation_put(n, 'clock', c.label, law, from_, c.due, actor)
    FROM capa.clock_times(law, from_, calendar ->> 'zone') c;
  SELECT string_agg(format('%s due %s', c.label, capa.rfc3339(c.due)), ', ' ORDER BY c.due) INTO said
    FROM capa.clock_times(law, from_, calendar ->> 'zone') c;
  PERFORM capa.changed(n.id, 'deadline.added', 'clock', 'NC-' || n.id, format('clock of %s from %s: %s', law, capa.rfc3339(from_), said),
    jsonb_build_object('obligations', capa.obligations_json(n.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('obligations', capa.obligations_json(n.id))));
END $$;
