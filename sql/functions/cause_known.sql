-- Refuses the number of a cause that this cycle of the NC does not have.
CREATE OR REPLACE FUNCTION capa.cause_known(n capa.nc, no_ int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF no_ IS NOT NULL AND NOT EXISTS (SELECT FROM capa.record WHERE nc = n.id AND cycle = n.cycle AND fact = 'cause'
                                       AND no = no_ AND retracted_at IS NULL) THEN
    PERFORM capa.fail('not_found', format('NC-%s has no cause %s in this cycle.', n.id, no_), NULL,
      format('capactl show NC-%s lists its causes.', n.id));
  END IF;
END $$;
