-- Now that the events have numbers: the numbers of those that became evidence, and what proves them once the event is gone. first_ + n is event n's number. Leaves nothing in hand.
CREATE OR REPLACE FUNCTION capa.ingest_kept(first_ bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  kept record;
BEGIN
  FOR kept IN SELECT k.*, e.sha256 FROM pg_temp.capa_kept k JOIN capa.evidence e ON e.id = k.evidence ORDER BY k.nc LOOP
    PERFORM capa.put('evidence', to_jsonb(e) || jsonb_build_object('eventno', first_ + kept.n))
    FROM capa.evidence e WHERE e.id = kept.evidence;
    PERFORM capa.tell_more(kept.nc);
    INSERT INTO capa.event_proof (eventno, received, digest, salt, sha256)
    SELECT e.eventno, e.received, e.digest, e.salt, kept.sha256 FROM capa.event e WHERE e.eventno = first_ + kept.n
    ON CONFLICT DO NOTHING;
  END LOOP;
  DELETE FROM pg_temp.capa_kept;
  IF to_regclass('pg_temp.capa_pending') IS NOT NULL THEN
    DELETE FROM pg_temp.capa_pending;
  END IF;
END $$;
