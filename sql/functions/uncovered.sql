-- When, between two moments, nobody could have heard a rule's events (SEMANTICS section 5, "Covered"), and why; oldest first.
-- Times still to come count as covered. Each cause is one branch: a new one is one more SELECT under the UNION ALL; intervals of
-- different causes may overlap, and who adds them up makes them one (capa.covered_end).
--   rule_hash_   the hash that counts: under another one, or without the rule, events were judged by other rules or none
--   rule_hold, silence   its fails raised nothing; nc_: whose asset, source, grade and labels a silence must cover, where it names some
--   missed       its source was not heard as an `expect` of another rule says (capa.watched_by), nc_: whose asset or source it is; not asked
--                where it is the missing pass itself that counts: heard_ false
--   link         a subscription that carries one of the sources was down (capa.link_gaps): sources_, or those of nc_ (capa.sources_of)
--   presence     no daemon called api.tick: capad or the database was away. An interval still grows if its newest tick is less than
--                a minute old by the wall clock, so that a moved clock (tests) is covered at once (capa.present)
CREATE OR REPLACE FUNCTION capa.uncovered(rule_ text, rule_hash_ text, from_ timestamptz, to_ timestamptz, nc_ int DEFAULT NULL,
                                          heard_ boolean DEFAULT true, sources_ text[] DEFAULT NULL)
RETURNS TABLE (from_at timestamptz, to_at timestamptz, why text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  now_ timestamptz := capa.now();
  asked tstzmultirange := tstzmultirange(tstzrange(from_, greatest(from_, least(to_, now_))));
  there tstzmultirange;
BEGIN
  SELECT coalesce(range_agg(tstzrange(p.from_at, CASE WHEN clock_timestamp() - p.beat BETWEEN '0' AND '60 seconds'
                                                      THEN greatest(p.to_at, now_) ELSE p.to_at END, '[]')), '{}')
    INTO there FROM capa.presence p WHERE p.to_at >= from_ OR clock_timestamp() - p.beat BETWEEN '0' AND '60 seconds';
  RETURN QUERY
  SELECT lower(c.part), upper(c.part), c.why FROM (
    SELECT unnest(asked - there) AS part, 'capad or its database was away' AS why
    UNION ALL
    SELECT unnest(asked * tstzmultirange(tstzrange(l.from_at, l.to_at))),
           CASE WHEN l.hash IS NULL THEN 'no rule of this name was loaded' ELSE 'the rule was another one' END
    FROM (SELECT x.from_at, x.to_at, (SELECT r.hash FROM capa.rule r WHERE r.ruleset = x.sha256 AND r.id = rule_ LIMIT 1) AS hash
          FROM (SELECT s.sha256, s.at AS from_at, lead(s.at, 1, 'infinity') OVER (ORDER BY s.version) AS to_at FROM capa.loaded s WHERE s.kind = 'rules'
                UNION ALL
                SELECT NULL, '-infinity', coalesce((SELECT min(s.at) FROM capa.loaded s WHERE s.kind = 'rules'), 'infinity')) x
          WHERE x.from_at < x.to_at AND x.to_at > from_) l
    WHERE l.hash IS NULL OR l.hash IS DISTINCT FROM rule_hash_
    UNION ALL
    SELECT unnest(asked * tstzmultirange(tstzrange(h.at, least(h.until, h.ended_at)))), 'the rule was held'
    FROM capa.rule_hold h WHERE h.rule = rule_ AND h.at < to_ AND coalesce(least(h.until, h.ended_at), 'infinity') > from_
    UNION ALL
    SELECT unnest(asked * range_agg(tstzrange(m.due, capa.missed_met(m)))), format('%s was not heard as %s expects', m.subject, m.rule)
    FROM capa.nc n JOIN capa.missed m ON m.subject IN (n.asset, n.source) AND (m.rule, m.fingerprint) IS DISTINCT FROM (n.rule, n.fingerprint)
    WHERE heard_ AND n.id = nc_ AND m.due < to_ AND coalesce(m.met_at, 'infinity') > from_ GROUP BY m.subject, m.rule
    UNION ALL
    SELECT unnest(asked * g.gaps), format('the link of subscription %s was down', g.name)
    FROM capa.link_gaps(coalesce(sources_, (SELECT capa.sources_of(n) FROM capa.nc n WHERE n.id = nc_), '{}'), from_, least(to_, now_)) g
    UNION ALL
    SELECT unnest(asked * tstzmultirange(tstzrange(t.from_at, t.to_at))), format('silence SIL-%s held it back', s.id)
    FROM capa.silence s LEFT JOIN capa.nc n ON n.id = nc_ CROSS JOIN LATERAL capa.silence_times(s, from_, to_) t
    WHERE NOT s.publish_only AND s.from_at < to_ AND s.until > from_ AND t.from_at < t.to_at
      AND capa.silence_covers(s, rule_, n.asset, n.source, n.grade, n.labels)) c
  WHERE NOT isempty(c.part) ORDER BY 1, 2;
END $$;
