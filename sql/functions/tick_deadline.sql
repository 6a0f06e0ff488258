-- The turn of one deadline in a tick: a window that has ended lets its NC move on, any other lets its ladder speak.
CREATE OR REPLACE FUNCTION capa.tick_deadline(d capa.deadline, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message_ text;
BEGIN
  IF d.kind = 'window' THEN
    PERFORM capa.deadlines_follow(d.nc);
    PERFORM capa.advance(d.nc, 'tick');
  ELSE
    PERFORM capa.escalate(d, at);
  END IF;
EXCEPTION WHEN OTHERS THEN
  IF capa.passing_error(SQLSTATE) THEN
    RAISE;
  END IF;
  GET STACKED DIAGNOSTICS message_ = MESSAGE_TEXT;
  d.next_at := at + interval '1 minute';
  PERFORM capa.put('deadline', to_jsonb(d));
  PERFORM capa.tell('sys.degraded', 'tick', 'NC-' || d.nc, d.nc, jsonb_build_object('reason', 'deadline_failed',
    'nc', 'NC-' || d.nc, 'deadline', capa.deadline_object(d), 'error', message_));
END $$;
