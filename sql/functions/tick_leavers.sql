-- The people's part of a tick: who has left and owns something open gets an observation (capa.leaver_observation). One daemon does
-- it at a time, every ten seconds and after each loading of the people. An error undoes it alone and is told as sys.degraded, as in capa.tick_guarded.
CREATE OR REPLACE FUNCTION capa.tick_leavers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  leaver record;
  message_ text;
BEGIN
  IF NOT EXISTS (SELECT FROM jsonb_each(capa.people() -> 'people') p WHERE capa.entry_left_at(p.value, capa.people_zone()) <= capa.now())
     OR NOT capa.chore_due('leavers', '10 seconds') THEN
    RETURN;
  END IF;
  FOR leaver IN
    SELECT p.key AS person, o.refs
    FROM jsonb_each(capa.people() -> 'people') p
    JOIN (SELECT x.key, array_agg(x.ref ORDER BY x.nc, x.kind DESC, x.ref) AS refs FROM capa.owned_open() x GROUP BY x.key) o
      ON o.key = capa.name_key(p.key)
    WHERE capa.entry_left_at(p.value, capa.people_zone()) <= capa.now() ORDER BY p.key
  LOOP
    PERFORM capa.leaver_observation(leaver.person, leaver.refs);
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  IF capa.passing_error(SQLSTATE) THEN
    RAISE;
  END IF;
  GET STACKED DIAGNOSTICS message_ = MESSAGE_TEXT;
  IF capa.chore_due('leavers_failed', '10 minutes') THEN
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL,
                      jsonb_build_object('reason', 'leavers_failed', 'sqlstate', SQLSTATE, 'error', message_));
  END IF;
END $$;
