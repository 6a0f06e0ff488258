-- The present cycle of an NC goes on: what had ended it was taken back.
CREATE OR REPLACE FUNCTION capa.cycle_resumed(n capa.nc) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c capa.cycle;
BEGIN
  SELECT * INTO STRICT c FROM capa.cycle WHERE nc = n.id AND no = n.cycle;
  c.ended_at := NULL;
  c.ended_as := NULL;
  c.ended_how := NULL;
  c.ended_by := NULL;
  PERFORM capa.put('cycle', to_jsonb(c));
END $$;
