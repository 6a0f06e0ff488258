-- How a function of schema api says no. The SQLSTATE is the protocol's code (sql/README.md has the table),
-- the message one sentence for people, detail a JSON object such as {"missing":[...]}, hint the next step.
CREATE OR REPLACE FUNCTION capa.fail(code text, sentence text, detail jsonb DEFAULT NULL, hint text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = CASE code WHEN 'refused' THEN 'CA001' WHEN 'not_found' THEN 'CA002' WHEN 'invalid' THEN 'CA003'
                        WHEN 'forbidden' THEN 'CA004' WHEN 'conflict' THEN 'CA005' WHEN 'too_big' THEN 'CA006' END,
    MESSAGE = sentence, DETAIL = coalesce(detail::text, ''), HINT = coalesce(hint, '');
END $$;
