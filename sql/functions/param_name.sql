-- The name of a person or team, as the people file spells it where it is there; "me" is the caller.
CREATE OR REPLACE FUNCTION capa.param_name(params jsonb, name_ text, actor text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  given text := capa.param_text(params, name_, 200);
  flaw text := capa.name_flaw(given);
BEGIN
  IF flaw IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no name: %s.', name_, flaw));
  END IF;
  RETURN CASE WHEN given = 'me' THEN actor ELSE capa.name_of(given) END;
END $$;
