-- The end of every changing api method: append to the journal and give the result; with "dry_run" in the
-- parameters undo all of it and give the result all the same (SQLSTATE CA000, detail = result). A method that another one
-- called (capa.together) leaves both to that one.
CREATE OR REPLACE FUNCTION capa.finish(principal jsonb, actor text, params jsonb, result jsonb)
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  name_ text := principal ->> 'name';
BEGIN
  IF capa.is_together() THEN
    RETURN result::json;
  END IF;
  PERFORM capa.append(CASE WHEN name_ = actor THEN actor ELSE name_ || ' for ' || actor END);
  IF (params ->> 'dry_run')::boolean THEN
    RAISE EXCEPTION USING ERRCODE = 'CA000', MESSAGE = 'dry run', DETAIL = result::text;
  END IF;
  RETURN result::json;
END $$;
