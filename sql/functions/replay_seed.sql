-- What a replay's register knows when it begins, beside the journal: counts and the newest events of NCs, rules of all loaded sets, people and
-- policy of now, silences as they became, what was counted, expected and heard. first_: the last event before it. Not known is what the live
-- tables have forgotten since; the lead time of a replay (capa.replay_lead) is there to hear it again.
CREATE OR REPLACE FUNCTION capa.replay_seed(from_ timestamptz, first_ bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pg_temp.nc_tally (nc, fails, passes, first_seen, last_seen)
  SELECT e.nc, count(*) FILTER (WHERE e.effect = 'f'), count(*) FILTER (WHERE e.effect = 'p'),
         min(least(e.observed, e.first_seen)) FILTER (WHERE e.effect = 'f'), max(e.observed) FILTER (WHERE e.effect = 'f')
  FROM (SELECT x.nc, x.effect, x.observed, x.first_seen FROM capa.event x WHERE x.nc IS NOT NULL AND x.eventno <= first_
        UNION ALL SELECT x.nc, x.effect, x.observed, NULL FROM capa.event_nc x WHERE coalesce(x.counted_by, x.eventno) <= first_
        UNION ALL SELECT x.nc, x.effect, x.observed, NULL FROM capa.event_gone x WHERE x.eventno <= first_) e GROUP BY e.nc;
  INSERT INTO pg_temp.rollup VALUES (first_, from_);
  INSERT INTO pg_temp.event (eventno, received, observed, first_seen, nc, effect, outcome, source, type, digest)
  SELECT e.eventno, e.received, e.observed, e.first_seen, e.nc, e.effect, e.outcome, e.source, e.type, ''
  FROM pg_temp.nc n CROSS JOIN (VALUES ('f'::"char"), ('p')) AS v(effect)
  CROSS JOIN LATERAL (SELECT * FROM capa.event x WHERE x.nc = n.id AND x.effect = v.effect AND x.eventno <= first_ ORDER BY x.eventno DESC LIMIT 500) e
  WHERE n.state NOT IN ('closed', 'rejected', 'merged');
  INSERT INTO pg_temp.event_nc
  SELECT e.* FROM pg_temp.nc n CROSS JOIN LATERAL (
    SELECT * FROM capa.event_nc x WHERE x.nc = n.id AND coalesce(x.counted_by, x.eventno) <= first_ ORDER BY x.eventno DESC LIMIT 500) e
  WHERE n.state NOT IN ('closed', 'rejected', 'merged');
  INSERT INTO pg_temp.loaded SELECT * FROM capa.loaded l WHERE l.kind <> 'rules' ON CONFLICT DO NOTHING;
  INSERT INTO pg_temp.rule SELECT * FROM capa.rule r WHERE r.ruleset IN (SELECT l.sha256 FROM pg_temp.loaded l WHERE l.kind = 'rules');
  UPDATE pg_temp.deadline SET steps = '[]', next_at = CASE WHEN kind IN ('window', 'acceptance', 'follow_up') THEN next_at END;
  INSERT INTO pg_temp.silence SELECT s.* FROM capa.silence s WHERE NOT EXISTS (SELECT FROM pg_temp.silence x WHERE x.id = s.id);
  UPDATE pg_temp.silence x SET ended_at = s.ended_at, looked_at = CASE WHEN s.looked_at <= from_ THEN s.looked_at END FROM capa.silence s WHERE s.id = x.id;
  INSERT INTO pg_temp.counted SELECT * FROM capa.counted c WHERE c.received <= from_;
  INSERT INTO pg_temp.passed SELECT * FROM capa.passed p WHERE p.received <= from_;
  INSERT INTO pg_temp.missed SELECT m.rule, m.fingerprint, m.subject, m.from_at, m.due, CASE WHEN m.met_at <= from_ THEN m.met_at END
    FROM capa.missed m WHERE m.due <= from_;
  INSERT INTO pg_temp.expectation
  SELECT e.rule, e.fingerprint, e.step, e.subject, e.rule_hash, e.nc, e.from_at, from_ FROM capa.expectation e WHERE e.step = 0 AND e.from_at <= from_;
END $$;
