-- Whether a due date that stands alone was given as a time and not as a day: it is not the end of its day's working
-- hours. Such a deadline waits for no hours (SEMANTICS section 7, 6).
CREATE OR REPLACE FUNCTION capa.due_is_exact(due timestamptz, calendar jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT due <> capa.closing_time((due AT TIME ZONE coalesce(calendar ->> 'zone', 'UTC'))::date, calendar)
$$;
