-- The passes that a criterion asked for become evidence of the closing, with their bytes: used passes outlive retention
-- (SEMANTICS section 2). The first ones after the last action was done, as many as were asked for, at most 100.
CREATE OR REPLACE FUNCTION capa.passes_keep(n capa.nc, since_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  e capa.evidence;
  most int := least((capa.record_of(n.id, n.cycle, 'criterion') ->> 'passes')::int, 100);
  number bigint;
BEGIN
  FOR number IN SELECT v.eventno FROM capa.nc_event v WHERE v.nc = n.id AND v.effect = 'p' AND v.received >= since_ AND v.observed >= since_
                ORDER BY v.eventno LIMIT coalesce(most, 0) LOOP
    CONTINUE WHEN EXISTS (SELECT FROM capa.evidence x WHERE x.nc = n.id AND x.cycle = n.cycle AND x.eventno = number);
    e := NULL;
    e.id := nextval('capa.evidence_no');
    e.nc := n.id;
    e.cycle := n.cycle;
    e.kind := 'event';
    e.role := 'passed';
    e.eventno := number;
    e.author := 'system';
    e.at := capa.now();
    e := capa.evidence_event(e);
    PERFORM capa.put('evidence', to_jsonb(e));
  END LOOP;
END $$;
