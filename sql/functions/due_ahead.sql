-- Refuses a due date that has passed already.
CREATE OR REPLACE FUNCTION capa.due_ahead(due_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF due_ <= capa.now() THEN
    PERFORM capa.fail('refused', format('The due date %s has passed already.', capa.rfc3339(due_)), NULL,
      'Give a date ahead, or a duration such as 30d.');
  END IF;
END $$;
