-- The name of a person or team, as the people file spells it where it is there; "me" is the caller.
CREATE OR REPLACE FUNCTION capa.param_name(params jsonb, name_ text, actor text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  given text := capa.param_text(params, name_, 200);
  flaw text := capa.name_flaw(given);
BEGIN
  IF flaw IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no name: %s.', name_, flaw));
  ELSIF capa.name_key(given) = 'system' THEN
    PERFORM capa.fail('invalid', format('"%s" cannot be "%s": that is what capad does by itself, and nobody reads its mail.', name_, given), NULL,
                      'Give a person or a team.');
  END IF;
  RETURN CASE WHEN given = 'me' THEN actor ELSE capa.name_of(given) END;
END $$;
