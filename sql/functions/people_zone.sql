-- Where the days of the people file begin and end: in the zone of the default policy's calendar.
CREATE OR REPLACE FUNCTION capa.people_zone() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(capa.policy_default() -> 'calendar' ->> 'zone', 'UTC');
END $$;
