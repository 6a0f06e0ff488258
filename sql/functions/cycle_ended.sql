-- Ends the present cycle of an NC that is left: as rejected or merged, by whom.
CREATE OR REPLACE FUNCTION capa.cycle_ended(n capa.nc, as_ text, who text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c capa.cycle;
BEGIN
  SELECT * INTO STRICT c FROM capa.cycle WHERE nc = n.id AND no = n.cycle;
  c.ended_at := at;
  c.ended_as := as_;
  c.ended_by := who;
  PERFORM capa.put('cycle', to_jsonb(c));
END $$;
