-- The same time of day one month later, in a zone; the last day of the month where it has no such day.
CREATE OR REPLACE FUNCTION capa.month_after(at timestamptz, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT ((at AT TIME ZONE coalesce(zone, 'UTC')) + interval '1 month') AT TIME ZONE coalesce(zone, 'UTC')
$$;
