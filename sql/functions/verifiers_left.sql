-- A warning for whoever approves a plan, as a list, if nobody whom the people file knows would be left to verify it: all who have
-- one of the roles for it are barred (PRODUCT, small organisations). Null where somebody is left, or nobody is known. The first who
-- is left ends the search: in a large organisation that is one of the first.
CREATE OR REPLACE FUNCTION capa.verifiers_left(nc_ int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  n capa.nc := (SELECT x FROM capa.nc x WHERE x.id = nc_);
  index jsonb := capa.people_names();
  now_ timestamptz := capa.now();
  zone text := capa.people_zone();
  p record;
  why text;
  barred_ text[];
BEGIN
  IF n.grade IN ('observation', 'ofi') THEN
    RETURN NULL;
  END IF;
  FOR p IN SELECT key, value FROM jsonb_each(capa.people() -> 'people') ORDER BY key LOOP
    CONTINUE WHEN NOT capa.entry_roles(p.key, p.value, index) && ARRAY['verifier', 'auditor', 'isms_manager']
                  OR capa.entry_left_at(p.value, zone) <= now_;
    why := capa.barred(n.id, n.cycle, p.key);
    IF why IS NULL THEN
      RETURN NULL;
    END IF;
    barred_ := barred_ || (p.key || ' ' || why);
  END LOOP;
  RETURN CASE WHEN barred_ IS NOT NULL THEN jsonb_build_array(format(
    'nobody would be left to verify NC-%s: %s; give part of the work to somebody else, or name another verifier in people.json',
    nc_, array_to_string(barred_, ', '))) END;
END $$;
