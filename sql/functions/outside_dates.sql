-- All dates of a parameter {"LABEL": moment} (raise --due), in order. Durations stand in spans as "NAME/LABEL".
-- Returns what they say, joined; null where there are none.
CREATE OR REPLACE FUNCTION capa.outside_dates(n capa.nc, params jsonb, name_ text, actor text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  given jsonb := nullif(params -> name_, 'null');
  label_ text;
  said text[] := '{}';
BEGIN
  IF given IS NULL OR given = '{}' THEN
    RETURN NULL;
  ELSIF jsonb_typeof(given) <> 'object' THEN
    PERFORM capa.fail('invalid', format('"%s" must be an object such as {"plan":"2026-03-31"}.', name_));
  END IF;
  FOR label_ IN SELECT jsonb_object_keys(given) LOOP
    said := said || capa.outside_date(n, capa.param_obligation(label_),
      capa.param_moment(jsonb_strip_nulls(jsonb_build_object(label_, given -> label_,
                          'spans', jsonb_build_object(label_, params -> 'spans' -> (name_ || '/' || label_)))),
                        label_, capa.policy_of(n.id) -> 'calendar'), NULL, actor);
  END LOOP;
  RETURN array_to_string(said, '; ');
END $$;
