-- Records a fact of the current cycle. Returns the record's number. The caller tells it (capa.changed).
CREATE OR REPLACE FUNCTION capa.record_put(n capa.nc, fact_ text, value_ jsonb, author_ text, no_ int DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r capa.record;
BEGIN
  r.id := nextval('capa.record_no');
  r.nc := n.id;
  r.cycle := n.cycle;
  r.fact := fact_;
  r.no := no_;
  r.value := jsonb_strip_nulls(value_);
  r.author := author_;
  r.at := capa.now();
  PERFORM capa.put('record', to_jsonb(r));
  RETURN r.id;
END $$;
