-- Tells the timers of all daemons that something is to be done at a moment earlier than they know: NOTIFY capa_due
-- with the milliseconds until then (relative: no clock of theirs has to agree with the database's).
CREATE OR REPLACE FUNCTION capa.wake(at timestamptz) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('capa_due', capa.ms_until(at)::text)
$$;
