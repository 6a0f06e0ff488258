-- A fail event that a hold or a silence may hold back. Of a held rule it changes nothing and is counted for no NC. In a silence it is an
-- occurrence of an NC that is worked on, and nothing more; where it would raise, reopen or recur one it is held back, and
-- judged again when the silence has ended (capa.silence_look). Returns the outcome, null where nothing holds it back.
CREATE OR REPLACE FUNCTION capa.mute_fail(r capa.rule, c jsonb, hit capa.ingest_hit, n capa.nc) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  mute record := capa.mute_of(r, c, hit, n);
BEGIN
  IF mute.rule_hold IS NULL AND mute.silence IS NULL THEN
    RETURN NULL;
  ELSIF mute.rule_hold IS NULL AND n.state NOT IN ('closed', 'verifying', 'rejected') THEN
    PERFORM capa.pending(n.id, 1, 0, least(hit.observed, hit.first_seen), hit.observed);
    RETURN 'occurrence';
  END IF;
  INSERT INTO pg_temp.capa_muted VALUES (hit.n, decode(c ->> 'fp', 'hex'), hit.received, hit.observed, r.id, mute.rule_hold, mute.silence,
    jsonb_strip_nulls(jsonb_build_object('grade', c ->> 'grade', 'title', c ->> 'title', 'found', c ->> 'found', 'asset', c ->> 'asset',
      'controls', c -> 'controls')));
  RETURN 'suppressed';
END $$;
