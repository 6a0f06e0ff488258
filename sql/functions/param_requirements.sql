-- A list of requirements or controls, each in its one spelling; null where absent.
CREATE OR REPLACE FUNCTION capa.param_requirements(params jsonb, name_ text) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(s ORDER BY no) FROM (
    SELECT capa.requirement_spelling(r) AS s, min(no) AS no
    FROM unnest(capa.param_list(params, name_)) WITH ORDINALITY AS x(r, no) GROUP BY 1) u
$$;
