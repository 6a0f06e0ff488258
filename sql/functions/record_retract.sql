-- Marks a record as retracted; it stays readable for ever.
CREATE OR REPLACE FUNCTION capa.record_retract(id_ bigint, who text, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r capa.record;
BEGIN
  SELECT * INTO STRICT r FROM capa.record WHERE id = id_;
  r.retracted_at := capa.now();
  r.retracted_by := who;
  r.retract_reason := why;
  PERFORM capa.put('record', to_jsonb(r));
END $$;
