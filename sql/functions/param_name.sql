-- The name of a person or team; "me" is the caller.
CREATE OR REPLACE FUNCTION capa.param_name(params jsonb, name_ text, actor text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN given = 'me' THEN actor ELSE given END FROM capa.param_text(params, name_, 200) AS given
$$;
