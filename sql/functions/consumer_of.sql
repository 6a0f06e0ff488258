-- A consumer's row, locked, for the principal whose it is.
CREATE OR REPLACE FUNCTION capa.consumer_of(name_ text, principal jsonb) RETURNS capa.consumer LANGUAGE plpgsql AS $$
DECLARE
  c capa.consumer;
BEGIN
  SELECT * INTO c FROM capa.consumer WHERE name = name_ FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no consumer "%s".', left(name_, 40)), NULL, 'consumer.attach makes it.');
  ELSIF c.principal <> principal ->> 'name' THEN
    PERFORM capa.fail('forbidden', format('Consumer "%s" belongs to %s.', name_, c.principal), NULL, 'Take another name.');
  END IF;
  RETURN c;
END $$;
