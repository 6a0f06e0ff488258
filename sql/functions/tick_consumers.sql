-- The consumers' part of a tick: one that lags behind its limit is told as sys.degraded, once until it has caught up. Every ten
-- seconds, by one daemon.
CREATE OR REPLACE FUNCTION capa.tick_consumers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c capa.consumer;
BEGIN
  IF NOT EXISTS (SELECT FROM capa.consumer WHERE lag_told_at IS NULL) OR NOT capa.chore_due('consumers', '10 seconds') THEN
    RETURN;
  END IF;
  FOR c IN SELECT * FROM capa.consumer x WHERE x.lag_told_at IS NULL AND capa.consumer_lags(x.seq) ORDER BY x.name FOR UPDATE SKIP LOCKED LOOP
    UPDATE capa.consumer SET lag_told_at = capa.now() WHERE name = c.name;
    PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_build_object('reason', 'consumer_lags', 'consumer', c.name,
      'principal', c.principal, 'acked', c.seq, 'behind', (capa.journal_head() ->> 'seq')::bigint - c.seq,
      'sentence', format('consumer %s has read nothing behind sequence %s', c.name, c.seq)));
  END LOOP;
END $$;
