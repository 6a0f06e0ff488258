-- Ends a silence before its time; the next tick looks at the state again.
CREATE OR REPLACE FUNCTION api.silence_end(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  s capa.silence;
  given text := (regexp_match(upper(btrim(coalesce(params ->> 'ref', ''))), '^(?:SIL-)?([0-9]{1,9})$'))[1];
BEGIN
  PERFORM capa.check_call('silence.end', principal, params);
  IF given IS NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no reference of a silence.', left(params ->> 'ref', 40)), NULL, 'It looks like SIL-3; capactl silence list shows them.');
  END IF;
  SELECT * INTO s FROM capa.silence WHERE id = given::int FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no SIL-%s.', given), NULL, 'capactl silence list --all shows them.');
  ELSIF s.ended_at IS NOT NULL OR s.until <= capa.now() THEN
    PERFORM capa.fail('refused', format('SIL-%s has ended already, %s.', s.id, capa.rfc3339(least(s.ended_at, s.until))));
  END IF;
  s.ended_at := capa.now();
  s.ended_by := actor;
  s.ended_why := capa.param_text(params, 'reason');
  PERFORM capa.put('silence', to_jsonb(s));
  PERFORM capa.tell('silence.ended', 'silence.end', 'SIL-' || s.id, NULL, jsonb_build_object('what', 'silence.end', 'silence', capa.silence_object(s),
    'sentence', format('SIL-%s was ended: %s', s.id, s.ended_why)));
  PERFORM capa.silence_replan(s);
  RETURN capa.finish(principal, actor, params, jsonb_build_object('ref', 'SIL-' || s.id, 'state', 'ended', 'silence', capa.silence_object(s), 'missing', '[]'::jsonb,
    'sentence', 'what failed last in it and still fails is judged again at once', 'next', '[]'::jsonb));
END $$;
