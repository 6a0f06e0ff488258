-- The last journal row and the last event that can be seen. As long as neither moved, no other transaction has changed what the cases of a
-- batch were judged by: whoever changes the register writes the journal, whoever stores events gives them higher numbers.
CREATE OR REPLACE FUNCTION capa.ingest_moved() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN concat_ws(' ', (SELECT j.seq FROM capa.journal j ORDER BY j.seq DESC LIMIT 1),
                   (SELECT e.eventno FROM capa.event e ORDER BY e.eventno DESC LIMIT 1));
END $$;
