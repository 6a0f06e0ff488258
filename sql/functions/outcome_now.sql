-- What the register would do now with an event that a rule matches, as a sentence (rules.outcome): holds, silences, storms, and the NC
-- that speaks for its fingerprint. It reads what ingest_run asks, in the same order. n: that NC, or no row's.
CREATE OR REPLACE FUNCTION capa.outcome_now(r capa.rule, c jsonb, hit capa.ingest_hit, n capa.nc) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  mute record := capa.mute_of(r, c, hit, n);
  nc_ text := 'NC-' || n.id;
  first_ text := CASE WHEN r.windows IS NOT NULL THEN 'once its count or sequence is complete, ' ELSE '' END;
BEGIN
  IF c ->> 'effect' = 'pass' THEN
    RETURN CASE WHEN capa.pass_tells(n, decode(c ->> 'fingerprint', 'hex')) THEN format('evidence for %s (%s)', nc_, n.state)
                ELSE 'nothing: no nonconformity waits for this pass' END;
  ELSIF c ->> 'effect' <> 'fail' THEN
    RETURN 'from now on the other event is expected';
  ELSIF mute.rule_hold IS NOT NULL THEN
    RETURN format('suppressed: rule %s is held; capactl rules release %s --reason TEXT ends that', r.id, r.id);
  ELSIF mute.silence IS NOT NULL THEN
    RETURN CASE WHEN n.state NOT IN ('closed', 'verifying', 'rejected') THEN format('an occurrence of %s (%s) and nothing more, under SIL-%s', nc_, n.state, mute.silence)
                ELSE format('held back by SIL-%s, and judged again at its end', mute.silence) END;
  ELSIF n.id IS NULL AND capa.storm_takes(r, hit.received) THEN
    RETURN first_ || format('taken by the storm of rule %s', r.id);
  ELSIF n.state = 'rejected' AND n.suppressed_until > hit.received AND n.rule_hash = r.hash THEN
    RETURN format('suppressed: %s was rejected, until %s', nc_, capa.rfc3339(n.suppressed_until));
  ELSIF n.state = 'rejected' OR n.state = 'closed' AND n.closed_at + capa.setting_interval('recurrence_window') < hit.received THEN
    RETURN first_ || format('a new nonconformity, which recalls %s (%s)', nc_, n.state);
  ELSIF n.state IN ('closed', 'verifying') THEN
    RETURN first_ || format(CASE n.state WHEN 'closed' THEN '%s (closed) reopened' ELSE 'a recurrence of %s (verifying)' END, nc_);
  ELSIF n.id IS NOT NULL THEN
    RETURN format('an occurrence of %s (%s, %s)', nc_, n.grade, n.state);
  END IF;
  RETURN first_ || format('a new nonconformity of grade %s', c ->> 'grade');
END $$;
