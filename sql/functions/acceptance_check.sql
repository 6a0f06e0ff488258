-- Refuses an acceptance that PRODUCT rules out: without the correction, beyond the longest that the grade may be accepted for, of
-- major and critical without a compensating measure, of what can never be accepted, of a finding that its issuer holds open.
-- Asked when it is wished for, and again when it is approved.
CREATE OR REPLACE FUNCTION capa.acceptance_check(n capa.nc, until_ timestamptz, measure_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  facts jsonb := (SELECT to_jsonb(f) FROM capa.fact f WHERE f.nc = n.id);
  lack jsonb := capa.missing_of(n, facts, 'triaged', 'main') || capa.missing_of(n, facts, 'contained', 'main');
  policy jsonb := capa.policy_of(n.id);
  span jsonb := nullif(policy -> 'durations' -> n.grade -> 'accept_max', 'null');
  most timestamptz := capa.add_span(capa.now(), span, policy -> 'calendar');
BEGIN
  IF capa.unacceptable(n) IS NOT NULL THEN
    PERFORM capa.fail('refused', format('NC-%s can never be accepted: %s.', n.id, capa.unacceptable(n)), NULL,
      'Clauses 4 to 10, law and contracts are met, not accepted: capactl next NC-' || n.id);
  END IF;
  PERFORM capa.issuer_holds(n, 'accepted');
  IF capa.external_finding(n) AND capa.record_of(n.id, n.cycle, 'external_closing') ->> 'verdict' IS DISTINCT FROM 'accepted' THEN
    PERFORM capa.fail('refused', format('NC-%s cannot be accepted: it is a finding from outside, which whoever issued it holds open.', n.id), NULL,
      format('It closes by proof and with its issuer''s acceptance: capactl next NC-%s.', n.id));
  END IF;
  IF jsonb_array_length(lack) > 0 THEN
    PERFORM capa.fail('refused', format('NC-%s cannot be accepted yet, acceptance is no way round correction: %s.', n.id,
        (SELECT string_agg(m ->> 'sentence', '; ') FROM jsonb_array_elements(lack) m)),
      jsonb_build_object('missing', lack), lack -> 0 ->> 'command');
  ELSIF n.grade IN ('critical', 'major') AND measure_ IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: to accept it takes a compensating measure.', n.id, n.grade), NULL,
      'Say with --measure what holds the risk down meanwhile.');
  ELSIF until_ <= capa.now() THEN
    PERFORM capa.fail('refused', format('An acceptance ends on a date ahead, not on %s.', capa.rfc3339(until_)), NULL,
      'Give a date ahead, or a duration such as 30d.');
  ELSIF span IS NULL THEN
    PERFORM capa.fail('refused', format('The policy of NC-%s does not say how long %s may be accepted.', n.id, n.grade), NULL,
      'Whoever keeps policy.json adds "accept_max" to the grade; it counts for what is raised afterwards.');
  ELSIF until_ > most THEN
    PERFORM capa.fail('refused', format('A %s one may be accepted until %s at the longest, not until %s.', n.grade,
      capa.rfc3339(most), capa.rfc3339(until_)), NULL, 'Accept it for less; accepting it again asks again.');
  END IF;
END $$;
