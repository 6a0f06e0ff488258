-- A reading method as of a moment (parameter as_of): the register as the journal had it then, read by the same functions, with the
-- clock at that moment and the rights of now. Everything is made in the session's temporary schema, within a subtransaction that
-- is rolled back: nothing of it stays. For a connection of its own, since it takes as long as the journal.
CREATE OR REPLACE FUNCTION api.as_of(method text, principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  moment timestamptz := capa.param_moment(params, 'as_of', capa.policy_default() -> 'calendar', true);
  params_ jsonb := params - 'as_of';
  result json;
BEGIN
  PERFORM capa.check_call(method, principal, params_);
  IF (SELECT m.changes FROM capa.method m WHERE m.name = method) THEN
    PERFORM capa.fail('invalid', format('%s takes no "as_of".', method), NULL, 'What is past can be read, not changed.');
  ELSIF moment > capa.now() THEN
    PERFORM capa.fail('invalid', format('%s is still to come: "as_of" is a moment of the past.', capa.rfc3339(moment)), NULL,
      'Give a time with its zone (2026-03-31T17:00:00Z), a date that is over, or a duration ago (10d).');
  END IF;
  BEGIN
    PERFORM capa.as_of_tables(moment, capa.as_of_seq(moment));
    PERFORM capa.as_of_functions(moment);
    EXECUTE format('SELECT pg_temp.%I($1, $2, $3, NULL::bytea[])', 'api_' || replace(method, '.', '_'))
      INTO result USING principal || '{"as_of":true}', actor, params_; -- who may read is decided now (capa.check_call)
    RAISE EXCEPTION USING ERRCODE = 'CA099'; -- nobody's; CA000 as a condition would be all of CA
  EXCEPTION WHEN SQLSTATE 'CA099' THEN
    NULL;
  END;
  RETURN capa.as_of_answer(method, result, moment);
END $$;
