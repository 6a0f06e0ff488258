-- The number under which the journal's open lines name a person; given at first use, under the turn.
-- The name itself stands in the body, so that it can be redacted and the chain stays.
CREATE OR REPLACE FUNCTION capa.actor_number(who text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  number int := (SELECT no FROM capa.actor WHERE name = who);
BEGIN
  IF number IS NULL THEN
    number := coalesce((SELECT max(no) FROM capa.actor), 0) + 1;
    PERFORM capa.put('actor', jsonb_build_object('no', number, 'name', who));
    PERFORM capa.tell('sys.actor', 'actor', NULL, NULL, jsonb_build_object('actor', number, 'name', who));
  END IF;
  RETURN number;
END $$;
