-- What the storms of this batch took, as one journal row for each of them, however many failures there were.
CREATE OR REPLACE FUNCTION capa.storm_tell() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s record;
  n capa.nc;
BEGIN
  FOR s IN SELECT rule, capa.nc_for(decode(capa.storm_fingerprint(rule), 'hex')) AS nc, count(*) AS taken, min(title) AS title
           FROM pg_temp.capa_overflow GROUP BY rule ORDER BY rule LOOP
    SELECT * INTO STRICT n FROM capa.nc WHERE id = s.nc;
    n.version := n.version + 1;
    PERFORM capa.put('nc', to_jsonb(n));
    PERFORM capa.put('overflow', (SELECT jsonb_agg(to_jsonb(o) || jsonb_build_object('nc', s.nc) ORDER BY o.fingerprint)
                                  FROM pg_temp.capa_overflow o WHERE o.rule = s.rule));
    PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || s.nc, s.nc, jsonb_build_object('what', 'storm', 'nc', capa.summary(s.nc),
      'taken', s.taken, 'sentence', format('the storm took %s new failure%s, such as "%s"', s.taken, CASE WHEN s.taken = 1 THEN '' ELSE 's' END, s.title)));
  END LOOP;
  PERFORM capa.stage_clear('capa_overflow');
END $$;
