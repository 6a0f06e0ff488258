-- An event of the batch in hand becomes evidence of an NC: the row, and its bytes at once, since the event itself
-- goes with its partition. Its number and proof follow when it has one (capa.ingest_kept). `what` is the role.
CREATE OR REPLACE FUNCTION capa.ingest_keep(nc_ int, hit capa.ingest_hit, role_ text, action_ int, bodies bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  id_ int := nextval('capa.evidence_no');
BEGIN
  PERFORM capa.put('evidence', capa.ingest_evidence(hit, role_, bodies) || jsonb_build_object(
    'id', id_, 'nc', nc_, 'cycle', (SELECT cycle FROM capa.nc WHERE id = nc_), 'action', action_,
    'author', 'system', 'at', capa.now()));
  INSERT INTO pg_temp.capa_kept VALUES (hit.n, nc_, id_);
END $$;
