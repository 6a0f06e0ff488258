-- What a method read of the past, with what the past doesn't tell. Of status: the moment, `ingest` with what the seals count, null for what is kept of now
-- alone, and not_known with the reasons. Of coverage: {"as_of","note","coverage"}. Of any other the answer itself.
CREATE OR REPLACE FUNCTION capa.as_of_answer(method text, answer json, moment timestamptz) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  stored bigint;
BEGIN
  IF method = 'coverage' THEN
    RETURN json_build_object('as_of', capa.rfc3339(moment), 'note', capa.as_of_kept(), 'coverage', answer);
  ELSIF method <> 'status' THEN
    RETURN answer;
  END IF;
  stored := capa.as_of_stored(moment);
  RETURN answer::jsonb || jsonb_build_object('as_of', capa.rfc3339(moment), 'ingest', jsonb_build_object('stored', stored), 'consumers', NULL, 'coverage', NULL,
    'not_known', jsonb_build_array(
      jsonb_build_object('what', 'ingest', 'why', CASE WHEN stored IS NULL THEN 'how many events had been stored is not known to the minute any more, and ' ELSE '' END
        || 'what became of other events is counted without times'),
      jsonb_build_object('what', 'sources', 'why', capa.as_of_kept()),
      jsonb_build_object('what', 'consumers', 'why', 'only how far each is now is kept'),
      jsonb_build_object('what', 'coverage', 'why', 'only what is expected now is kept')));
END $$;
