-- Refuses a policy under which due dates or steps could not be worked out: what names a ladder or calendar that is not
-- there, a zone the database does not know, hours that end before they begin, a duration or repeat of nothing, a
-- step without a moment. Says where, as a pointer into the file (CA003). Called by api.load before anything changes.
CREATE OR REPLACE FUNCTION capa.policy_check(body jsonb) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
  found_ record;
BEGIN
  SELECT * INTO found_ FROM capa.policy_complaints(body) LIMIT 1;
  IF FOUND THEN
    PERFORM capa.fail('invalid', format('The policy cannot be used: %s: %s.', found_.place, found_.sentence), NULL,
                      'Correct policy.json; `capad check` tells all that is wrong with its form.');
  END IF;
END $$;
