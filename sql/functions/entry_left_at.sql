-- When the person of an entry of the people file leaves or left: the end of the day under "left", in the file's zone
-- (capa.people_zone). Null for who stays. For who has the entry in hand; by name it is capa.left_at.
CREATE OR REPLACE FUNCTION capa.entry_left_at(entry jsonb, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT ((entry ->> 'left')::date + 1)::timestamp AT TIME ZONE zone
$$;
