-- The controls that a case's event named (a JSON list, in the order of its rule); null where it named none.
CREATE OR REPLACE FUNCTION capa.controls_of(c jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN c ? 'controls' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'controls')) END
$$;
