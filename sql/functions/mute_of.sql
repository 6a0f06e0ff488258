-- What holds a fail event back: the hold on its rule, else a silence. n: the NC that speaks for its fingerprint, if any.
CREATE OR REPLACE FUNCTION capa.mute_of(r capa.rule, c jsonb, hit capa.ingest_hit, n capa.nc, OUT rule_hold int, OUT silence int)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT h.id INTO rule_hold FROM capa.rule_hold h
    WHERE h.rule = r.id AND h.ended_at IS NULL AND coalesce(h.until, 'infinity') > hit.received;
  IF rule_hold IS NULL THEN
    SELECT s.id INTO silence FROM capa.silence s
      WHERE s.until > hit.received AND s.from_at <= hit.received AND NOT s.publish_only
        AND capa.silence_covers(s, r.id, coalesce(c ->> 'asset', hit.subject), hit.source, c ->> 'grade', n.labels)
        AND capa.silence_applies(s, hit.received) IS NOT NULL ORDER BY s.id LIMIT 1;
  END IF;
END $$;
