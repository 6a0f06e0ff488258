-- Writes the rules of one loaded set into capa.rule, by their place in the set: what an event's case points to.
CREATE OR REPLACE FUNCTION capa.rules_index(ruleset_ text, body_ jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO capa.rule (ruleset, no, id, hash, growth, windows, body)
  SELECT ruleset_, r.place - 1, r.body ->> 'id', coalesce(r.body ->> 'hash', ''),
         CASE WHEN jsonb_array_length(r.body -> 'growth') > 0 THEN r.body -> 'growth' END,
         CASE WHEN r.body ?| ARRAY['count', 'sequence', 'expect']
              THEN jsonb_strip_nulls(jsonb_build_object('count', r.body -> 'count', 'sequence', r.body -> 'sequence', 'expect', r.body -> 'expect')) END,
         r.body
  FROM jsonb_array_elements(body_ -> 'rules') WITH ORDINALITY r(body, place)
  ON CONFLICT (ruleset, no) DO NOTHING
$$;
