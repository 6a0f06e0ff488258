-- Takes back that a date from outside was met (capa.record `obligation_met`, its newest one, or that of a label): the obligation runs
-- again under the date that it had. Returns the record's number, null where there is none.
CREATE OR REPLACE FUNCTION capa.obligation_unmet(n capa.nc, label_ text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  id_ bigint;
  o capa.obligation;
BEGIN
  SELECT r.id, r.value ->> 'label' INTO id_, label_ FROM capa.record r
    WHERE r.nc = n.id AND r.fact = 'obligation_met' AND r.retracted_at IS NULL AND (label_ IS NULL OR r.value ->> 'label' = label_)
    ORDER BY r.id DESC LIMIT 1;
  IF id_ IS NULL THEN
    RETURN NULL;
  ELSIF (capa.obligation_running(n, label_)).id IS NOT NULL THEN
    PERFORM capa.fail('refused', format('"%s" of NC-%s runs again already under a newer date.', label_, n.id), NULL,
      format('capactl show NC-%s shows it.', n.id));
  END IF;
  SELECT * INTO STRICT o FROM capa.obligation x WHERE x.nc = n.id AND x.label = label_ AND x.met_at IS NOT NULL ORDER BY x.id DESC LIMIT 1;
  o.met_at := NULL;
  o.met_by := NULL;
  PERFORM capa.put('obligation', to_jsonb(o));
  RETURN id_;
END $$;
