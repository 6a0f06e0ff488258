-- Does what the deadlines have to do by now, at most `most` of them and for about a second (calls wait meanwhile, and a statement
-- has its limit): steps that are due, windows that end. Rows of an NC
-- that somebody else holds are left to the next tick, and so is a follow-up, which may reopen its NC, while somebody else decides
-- who speaks for the fingerprint; so several ticks at once share the work and never wait for
-- each other. One deadline that cannot be worked is put off by a minute and reported as sys.degraded, so that it
-- stops no other. Returns {"done","skipped","more"}.
CREATE OR REPLACE FUNCTION capa.tick_deadlines(most int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  at timestamptz := capa.now();
  wanted int[];
  held int[];
  d capa.deadline;
  done int := 0;
  began timestamptz := clock_timestamp(); -- real time, whatever capa.now() says
  stopped boolean := false;
BEGIN
  SELECT array_agg(x.id) INTO wanted
    FROM (SELECT id FROM capa.deadline WHERE next_at <= at ORDER BY next_at, id LIMIT most) x;
  IF wanted IS NULL THEN
    RETURN '{"done":0,"skipped":0,"more":false}';
  END IF;
  SELECT array_agg(l.id) INTO held FROM (
    SELECT n.id FROM capa.nc n WHERE n.id IN (SELECT nc FROM capa.deadline WHERE id = ANY (wanted))
    ORDER BY n.id FOR UPDATE SKIP LOCKED) l
    WHERE NOT EXISTS (SELECT FROM capa.deadline x WHERE x.id = ANY (wanted) AND x.nc = l.id AND x.kind = 'follow_up')
       OR capa.fingerprints_lock(ARRAY[l.id], false);
  FOR d IN SELECT x.* FROM capa.deadline x WHERE x.id = ANY (wanted) AND x.nc = ANY (held)
           ORDER BY x.kind = 'follow_up', x.nc, x.id FOR UPDATE SKIP LOCKED LOOP -- many periods may have passed: they keep no other waiting
    -- An earlier one of this loop may have moved its NC on.
    SELECT * INTO d FROM capa.deadline x WHERE x.id = d.id AND x.next_at <= at;
    CONTINUE WHEN NOT FOUND;
    PERFORM capa.tick_deadline(d, at);
    done := done + 1;
    stopped := clock_timestamp() > began + interval '1 second';
    EXIT WHEN stopped;
  END LOOP;
  RETURN jsonb_build_object('done', done, 'skipped', CASE WHEN stopped THEN 0 ELSE cardinality(wanted) - done END, 'more', stopped OR cardinality(wanted) = most);
END $$;
