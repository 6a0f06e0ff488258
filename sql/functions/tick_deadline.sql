-- The turn of one deadline in a tick: a window that has ended lets its NC move on, an acceptance that has expired lets it come
-- back once its ladder has spoken, a follow-up's period that is due is decided, any other lets its ladder speak.
CREATE OR REPLACE FUNCTION capa.tick_deadline(d capa.deadline, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message_ text;
BEGIN
  IF d.kind = 'window' THEN
    PERFORM capa.deadlines_follow(d.nc);
    PERFORM capa.advance(d.nc, 'tick');
  ELSIF d.kind = 'acceptance' AND d.due <= at THEN
    IF EXISTS (SELECT FROM capa.steps_pending(d, capa.policy_of(d.nc), at) p WHERE p.fire_at <= at) THEN
      PERFORM capa.escalate(d, at);
    END IF;
    PERFORM capa.acceptance_end(d.nc, 'tick', 'the acceptance has expired');
  ELSIF d.kind = 'follow_up' AND capa.follow_up_due(d.follow_up, at) THEN
    NULL; -- what its ladder has to say of it is looked at by the next tick
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
