-- Counts an event of a rule with a count or a sequence (capa_counted, until it has a number), and says whether that completes it:
-- then all that is counted goes over into capa_reached, those within the window to become occurrences, and counting
-- begins anew. Any window counts that the event lies in, also one that ends with an event observed later: so the order of receipt
-- does not matter. Looks at the newest 10,000 at most.
CREATE OR REPLACE FUNCTION capa.window_full(hit capa.ingest_hit, c jsonb, r capa.rule) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  what jsonb := coalesce(r.windows -> 'count', r.windows -> 'sequence');
  within interval := capa.span_interval(what -> 'within');
  by_receipt boolean := coalesce(what ->> 'clock' = 'receipt', false);
  key_ bytea := decode(coalesce(c ->> 'by', c ->> 'fp'), 'hex');
  value_ bytea := CASE WHEN c ? 'step' THEN set_byte('\x00', 0, (c ->> 'step')::int) ELSE decode(c ->> 'value', 'hex') END;
  at_ timestamptz := CASE WHEN by_receipt THEN hit.received ELSE hit.observed END;
  moments timestamptz[];
  values_ bytea[];
  from_ timestamptz;
  to_ timestamptz;
BEGIN
  INSERT INTO pg_temp.capa_counted (fingerprint, rule_hash, observed, received, value, n, until)
  VALUES (key_, r.hash, hit.observed, hit.received, value_, hit.n, greatest(hit.observed, hit.received) + within);
  SELECT array_agg(x.at ORDER BY x.at, x.eventno, x.n, x.value DESC), array_agg(x.value ORDER BY x.at, x.eventno, x.n, x.value DESC)
    INTO moments, values_
  FROM (SELECT t.at, t.value, t.eventno, t.n
        FROM (SELECT CASE WHEN by_receipt THEN k.received ELSE k.observed END AS at, k.value, k.eventno, NULL::int AS n
              FROM capa.counted k WHERE k.fingerprint = key_ AND k.rule_hash = r.hash
              UNION ALL
              SELECT CASE WHEN by_receipt THEN k.received ELSE k.observed END, k.value, NULL, k.n
              FROM pg_temp.capa_counted k WHERE k.fingerprint = key_ AND k.rule_hash = r.hash) t
        WHERE t.at > at_ - within AND t.at < at_ + within ORDER BY t.at DESC, t.eventno DESC, t.n DESC LIMIT 10000) x;
  IF (what ->> 'ordered')::boolean THEN
    SELECT w.from_at, w.to_at INTO from_, to_ FROM capa.window_chain(moments, values_, (what ->> 'n')::int, within) w;
  ELSE
    SELECT e.at - within, e.at INTO from_, to_ FROM (SELECT DISTINCT m AS at FROM unnest(moments) m WHERE m >= at_) e
    WHERE (SELECT CASE WHEN what ? 'ordered' OR (what ->> 'distinct')::boolean THEN count(DISTINCT u.value) ELSE count(*) END
           FROM unnest(moments, values_) AS u(at, value) WHERE u.at > e.at - within AND u.at <= e.at) >= (what ->> 'n')::int
    ORDER BY e.at LIMIT 1;
  END IF;
  IF to_ IS NULL THEN
    RETURN false;
  END IF;
  WITH gone AS (DELETE FROM capa.counted k WHERE k.fingerprint = key_ RETURNING k.*),
  here AS (DELETE FROM pg_temp.capa_counted k WHERE k.fingerprint = key_ RETURNING k.*)
  INSERT INTO pg_temp.capa_reached (eventno, n, observed, received, by_n)
  SELECT DISTINCT x.eventno, x.n, x.observed, x.received, hit.n
  FROM (SELECT g.eventno, NULL::int AS n, g.observed, g.received, g.rule_hash FROM gone g
        UNION ALL SELECT NULL, h.n, h.observed, h.received, h.rule_hash FROM here h) x
  WHERE x.rule_hash = r.hash AND x.n IS DISTINCT FROM hit.n
    AND CASE WHEN by_receipt THEN x.received ELSE x.observed END > from_ AND CASE WHEN by_receipt THEN x.received ELSE x.observed END <= to_;
  RETURN true;
END $$;
