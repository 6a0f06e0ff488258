-- Whether a fail of a rule with windows is held back: 'counted' while its count or sequence is not complete, 'none' for one that only
-- lets a grade grow and finds no open NC; null: on with it. n is the NC that speaks for its fingerprint. With an open NC a further fail
-- of a count is an occurrence; after a closing, a rejection that is over, or the last action, only the n-th is a fail again (a
-- late one condemns nothing and is an occurrence). Of a sequence each event is counted, and what completes it is the fail.
-- An event from which on another one is expected is counted too. A pass is never held back.
-- The caller holds the locks of capa.ingest_lock, also that of what is counted by.
CREATE OR REPLACE FUNCTION capa.window_holds(n capa.nc, hit capa.ingest_hit, c jsonb, r capa.rule) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  left_ boolean := n.id IS NULL OR n.state IN ('closed', 'verifying', 'rejected');
BEGIN
  PERFORM capa.window_stage();
  IF c ->> 'effect' = 'pass' THEN
    IF c ? 'subject' THEN
      PERFORM capa.expectation_seen(c, r);
    END IF;
    RETURN NULL;
  ELSIF (c ->> 'grows')::boolean THEN
    RETURN CASE WHEN left_ THEN 'none' END;
  ELSIF c ->> 'effect' = 'begin' THEN
    PERFORM capa.expectation_begin(hit, c, r);
    RETURN 'counted';
  ELSIF hit.type = 'org.capad.expectation.missed.v1' OR NOT r.windows ?| ARRAY['count', 'sequence'] THEN
    RETURN NULL;
  ELSIF r.windows ? 'count' AND (NOT left_ OR n.state = 'rejected' AND n.suppressed_until > hit.received AND n.rule_hash = r.hash
      OR n.state = 'closed' AND capa.is_late(hit.observed, hit.received, n.closed_at)
         AND n.closed_at + capa.setting_interval('recurrence_window') >= hit.received
      OR n.state = 'verifying' AND capa.is_late(hit.observed, hit.received, capa.last_done(n))) THEN
    RETURN NULL;
  END IF;
  RETURN CASE WHEN NOT capa.window_full(hit, c, r) THEN 'counted' END;
END $$;
