-- A pass event of an NC whose correction is outstanding is evidence of one, and completes a correction that is open; the
-- register then moves by itself. Otherwise, or if a fail was observed after it, it is counted only.
CREATE OR REPLACE FUNCTION capa.ingest_pass(nc_ int, hit capa.ingest_hit, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  correction capa.action;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  IF n.state = 'verifying' OR capa.is_late(hit.observed, hit.received, (capa.nc_count(nc_)).last_seen) THEN
    RETURN;
  END IF;
  SELECT * INTO correction FROM capa.action a WHERE a.nc = nc_ AND a.cycle = n.cycle AND a.kind = 'correction'
    AND a.state IN ('open', 'started', 'waiting') ORDER BY a.id LIMIT 1;
  PERFORM capa.ingest_keep(nc_, hit, 'passed', correction.id, bodies);
  n.version := n.version + 1;
  PERFORM capa.put('nc', to_jsonb(n));
  IF correction.id IS NULL THEN
    PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || nc_, nc_, jsonb_build_object(
      'what', 'passed', 'sentence', 'a later event shows it passing', 'nc', capa.summary(nc_)));
  ELSE
    correction.state := 'done';
    correction.done_at := hit.received;
    correction.done_by := 'system';
    PERFORM capa.put('action', to_jsonb(correction));
    PERFORM capa.tell('action.done', 'ingest', 'CA-' || correction.id, nc_, jsonb_build_object(
      'what', 'done', 'sentence', 'a later event shows it passing', 'action', 'CA-' || correction.id,
      'nc', capa.summary(nc_)));
  END IF;
  PERFORM capa.advance(nc_, 'ingest');
END $$;
