-- The last day of the absence that the person of an entry of the people file is in on a day, days of both ends included; null
-- for who is there. For who has the entry in hand; by name it is capa.absent_until.
CREATE OR REPLACE FUNCTION capa.entry_absent_until(entry jsonb, today date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT max((a ->> 'to')::date) FROM jsonb_array_elements(entry -> 'absent') a
  WHERE (a ->> 'from')::date <= today AND today <= (a ->> 'to')::date
$$;
