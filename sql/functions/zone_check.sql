-- Refuses a rule whose zone PostgreSQL does not know.
CREATE OR REPLACE FUNCTION capa.zone_check(rule_ text, zone text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM now() AT TIME ZONE coalesce(zone, 'UTC');
EXCEPTION WHEN invalid_parameter_value THEN
  PERFORM capa.fail('invalid', format('The rule "%s" expects something in the time zone "%s", which does not exist.', rule_, zone), NULL,
                    'Name an IANA zone in "zone", such as "Europe/Berlin".');
END $$;
