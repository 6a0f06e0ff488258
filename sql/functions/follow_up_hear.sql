-- What an event means to the follow-ups of its fingerprint, whichever NC speaks for that now: a pass in the period meets one that
-- waits for evidence, if it was received in time; a fail ends the period of a no_recurrence as failed at once. An event
-- that is late against the beginning of the period belongs to an earlier one (SEMANTICS section 5). A fail reopens no NC here: it did so by itself, or
-- another NC speaks for it. The caller holds the rows of those NCs (capa.ingest_lock).
CREATE OR REPLACE FUNCTION capa.follow_up_hear(fingerprint_ bytea, hit capa.ingest_hit, failed boolean, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  item record;
  f capa.follow_up;
  p capa.follow_up_period;
BEGIN
  FOR item IN SELECT h.follow_up AS id, h.no FROM capa.follow_up_hearing h
      WHERE h.fingerprint = fingerprint_ AND h.fails = failed AND h.from_at <= hit.received
        AND (failed OR hit.received <= h.due) AND NOT capa.is_late(hit.observed, hit.received, h.from_at) ORDER BY h.follow_up LOOP
    SELECT * INTO STRICT f FROM capa.follow_up WHERE id = item.id;
    SELECT * INTO STRICT p FROM capa.follow_up_period WHERE follow_up = item.id AND no = item.no;
    PERFORM capa.ingest_keep(f.nc, hit, 'follow_up', f.action, bodies);
    PERFORM capa.follow_up_decide(f, p, CASE WHEN failed THEN 'failed' ELSE 'ok' END, 'system',
      format('%s at %s (EV-%s)', CASE WHEN failed THEN 'failed' ELSE 'passed' END, to_char(hit.observed AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
             currval('capa.evidence_no')), 'ingest', false);
  END LOOP;
END $$;
