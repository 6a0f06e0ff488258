-- A fail event that a storm takes: to the storm's NC it is a fail like any other (it raises, reopens or recurs it, or is an
-- occurrence), and its own fingerprint is kept beside it, once a storm. Returns the outcome.
CREATE OR REPLACE FUNCTION capa.storm_fail(hit capa.ingest_hit, c jsonb, r capa.rule, bodies bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  storm_ text := capa.storm_fingerprint(r.id);
  limit_ jsonb := capa.storm_limit(r);
  n capa.nc;
  outcome_ text;
BEGIN
  SELECT * INTO n FROM capa.nc WHERE id = capa.nc_for(decode(storm_, 'hex'));
  outcome_ := capa.ingest_fail(n, hit, c - 'controls' || jsonb_build_object('fp', storm_, 'asset', 'several', 'title', format('Storm of %s: more than %s new failures in %s',
    r.id, limit_ ->> 'n', capa.span_text(limit_ -> 'within')),
    'found', format('Rule %s found more new failures than one can treat singly; the first one of those taken together: %s', r.id,
                    coalesce(c ->> 'title', r.body ->> 'title', r.id))), r, bodies);
  IF outcome_ <> 'suppressed' AND NOT EXISTS (SELECT FROM capa.overflow o WHERE o.fingerprint = c ->> 'fp'
       AND o.nc = n.id AND capa.storm_runs(r.id, capa.span_interval(limit_ -> 'within'), hit.received)) THEN
    INSERT INTO pg_temp.capa_overflow VALUES (c ->> 'fp', r.id, coalesce(c ->> 'title', r.body ->> 'title', r.id), c ->> 'found', c ->> 'grade',
      coalesce(c ->> 'asset', hit.subject), hit.source, hit.received, capa.controls_of(c)) ON CONFLICT DO NOTHING;
  END IF;
  RETURN outcome_;
END $$;
