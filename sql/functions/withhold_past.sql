-- What was told of an NC before it was restricted, from now on as what is told after it: journal_read gives the summary. What went
-- over the bus cannot be called back; bodies, digests and the chain stay.
CREATE OR REPLACE FUNCTION capa.withhold_past(nc_ int) RETURNS void LANGUAGE sql AS $$
  UPDATE capa.journal_body b SET summary = (m.body || jsonb_build_object('actor', 'restricted',
                                            'data', capa.withheld(j.topic, m.body -> 'data')))::text
  FROM capa.journal j, LATERAL (SELECT body::jsonb AS body FROM capa.journal_body x WHERE x.seq = j.seq) m
  WHERE b.seq = j.seq AND b.nc = nc_ AND b.body IS NOT NULL AND b.summary IS NULL
$$;
