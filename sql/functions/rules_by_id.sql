-- A loaded rule set as an object of id → rule, so that two sets are compared rule by rule and not place by place.
CREATE OR REPLACE FUNCTION capa.rules_by_id(body_ jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(r ->> 'id', r), '{}') FROM jsonb_array_elements(body_ -> 'rules') r
$$;
