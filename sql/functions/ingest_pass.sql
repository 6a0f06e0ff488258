-- A pass event of an NC whose correction is outstanding is evidence of one, and completes a correction that is open; the
-- register then moves by itself; where its rule holds a standing decision, it may close it (capa.self_closing). In verifying it is one of those that the criterion asks for, if it was observed after the last
-- action was done; whether it was the last one is seen when the batch's events count (capa.ingest_proved). Otherwise, or
-- if a fail was observed after it, it is counted only.
CREATE OR REPLACE FUNCTION capa.ingest_pass(nc_ int, hit capa.ingest_hit, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  correction capa.action;
  left_ int;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  IF capa.is_late(hit.observed, hit.received, (capa.nc_count(nc_)).last_seen) THEN
    RETURN;
  END IF;
  left_ := capa.criterion_passes(n);
  SELECT * INTO correction FROM capa.action a WHERE a.nc = nc_ AND a.cycle = n.cycle AND a.kind = 'correction'
    AND a.state IN ('open', 'started', 'waiting') ORDER BY a.id LIMIT 1;
  IF n.state = 'verifying' AND correction.id IS NULL AND (left_ = 0 OR hit.observed < capa.last_done(n)) THEN
    RETURN;
  END IF;
  PERFORM capa.ingest_keep(nc_, hit, 'passed', correction.id, bodies);
  n.version := n.version + 1;
  PERFORM capa.put('nc', to_jsonb(n));
  IF correction.id IS NULL THEN
    PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || nc_, nc_, jsonb_build_object(
      'what', 'passed', 'sentence', CASE WHEN n.state = 'verifying' THEN format('passed after the last action; %s more to come', left_ - 1)
                                         ELSE 'a later event shows it passing' END, 'nc', capa.summary(nc_)));
  ELSE
    correction.state := 'done';
    correction.done_at := hit.received;
    correction.done_by := 'system';
    PERFORM capa.put('action', to_jsonb(correction));
    PERFORM capa.tell('action.done', 'ingest', 'CA-' || correction.id, nc_, jsonb_build_object(
      'what', 'done', 'sentence', 'a later event shows it passing', 'action', 'CA-' || correction.id,
      'nc', capa.summary(nc_)));
  END IF;
  PERFORM capa.self_closing(nc_);
  PERFORM capa.advance(nc_, 'ingest');
END $$;
