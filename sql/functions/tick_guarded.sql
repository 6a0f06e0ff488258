-- The events' part of a tick, so guarded that escalations go out whatever becomes of it: an error undoes it alone and is
-- told as sys.degraded, at most once in ten minutes. What a repetition may cure (lost connections, deadlocks, lacking
-- resources) goes up to the daemon, which calls again. One daemon does it at a time; the others leave it to that one.
CREATE OR REPLACE FUNCTION capa.tick_guarded() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message_ text;
BEGIN
  IF pg_try_advisory_xact_lock(hashtext('capa.tick_events')) THEN
    PERFORM capa.tick_events();
  END IF;
EXCEPTION WHEN OTHERS THEN
  IF capa.passing_error(SQLSTATE) THEN
    RAISE;
  END IF;
  GET STACKED DIAGNOSTICS message_ = MESSAGE_TEXT;
  IF capa.chore_due('tick_failed', '10 minutes') THEN
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL,
                      jsonb_build_object('reason', 'tick_failed', 'sqlstate', SQLSTATE, 'error', message_));
  END IF;
END $$;
