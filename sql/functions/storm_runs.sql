-- Whether a storm of this rule runs at a moment: something new came into it within the rule's time.
CREATE OR REPLACE FUNCTION capa.storm_runs(rule_ text, within_ interval, at_ timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  storm_ int := capa.nc_for(decode(capa.storm_fingerprint(rule_), 'hex'));
BEGIN
  IF to_regclass('pg_temp.capa_overflow') IS NOT NULL THEN
    IF EXISTS (SELECT FROM pg_temp.capa_overflow x WHERE x.rule = rule_) THEN
      RETURN true;
    END IF;
  END IF;
  RETURN storm_ IS NOT NULL AND EXISTS (SELECT FROM capa.overflow o WHERE o.nc = storm_ AND o.rule = rule_ AND o.at > at_ - within_ AND o.at <= at_);
END $$;
