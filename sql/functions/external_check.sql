-- Can an issuer's decision be recorded now? Only of a finding from outside; of a plan that is complete; of a closing to which nothing
-- else is missing; that it was withdrawn at any time. A refusal says why; an accepted closing and a withdrawal have the issuer's word as evidence.
CREATE OR REPLACE FUNCTION capa.external_check(n capa.nc, what_ text, verdict_ text, text_ text, evidence_ jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  accepted boolean := verdict_ = 'accepted';
  lack jsonb;
BEGIN
  IF NOT capa.external_finding(n) THEN
    PERFORM capa.fail('refused', format('NC-%s is no finding of anybody outside: it has no issuer.', n.id), NULL,
      'Findings from outside are raised with --issuer NAME, or from an external audit or an authority.');
  ELSIF verdict_ = 'withdrawn' AND what_ <> 'closing' THEN
    PERFORM capa.fail('invalid', 'A plan is accepted or refused; what can be withdrawn is the finding.', NULL,
      format('capactl external NC-%s closing withdrawn TEXT --evidence LETTER', n.id));
  ELSIF verdict_ = 'withdrawn' AND evidence_ = '[]' THEN
    PERFORM capa.fail('refused', format('That %s withdrew NC-%s has no evidence.', capa.issuer_of(n), n.id), NULL,
      format('capactl external NC-%s closing withdrawn TEXT --evidence LETTER', n.id));
  ELSIF verdict_ = 'withdrawn' THEN
    RETURN;
  ELSIF NOT accepted AND text_ IS NULL THEN
    PERFORM capa.fail('invalid', 'A refusal needs the issuer''s reason.', NULL, format('capactl external NC-%s %s refused TEXT', n.id, what_));
  ELSIF what_ = 'plan' AND n.state NOT IN ('planned', 'implementing') THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: there is no complete plan to decide on.', n.id, n.state),
      jsonb_build_object('missing', capa.missing(n.id)), (SELECT m ->> 'command' FROM jsonb_array_elements(capa.missing(n.id)) m LIMIT 1));
  ELSIF what_ = 'closing' AND n.state <> 'verifying' THEN
    PERFORM capa.fail('refused', format('NC-%s is %s, not verifying: there is no closing to decide on yet.', n.id, n.state),
      jsonb_build_object('missing', capa.missing(n.id)), (SELECT m ->> 'command' FROM jsonb_array_elements(capa.missing(n.id)) m LIMIT 1));
  ELSIF what_ = 'closing' AND accepted THEN
    SELECT jsonb_agg(m) INTO lack FROM jsonb_array_elements(capa.missing(n.id)) m WHERE m ->> 'fact' <> 'external_closing';
    IF lack IS NOT NULL THEN
      PERFORM capa.fail('refused', format('The closing of NC-%s cannot be accepted yet: %s.', n.id,
          (SELECT string_agg(m ->> 'sentence', '; ') FROM jsonb_array_elements(lack) m)),
        jsonb_build_object('missing', lack), (SELECT m ->> 'command' FROM jsonb_array_elements(lack) m LIMIT 1));
    ELSIF evidence_ = '[]' THEN
      PERFORM capa.fail('refused', format('That %s accepted the closing of NC-%s has no evidence.', capa.issuer_of(n), n.id), NULL,
        format('capactl external NC-%s closing accepted TEXT --evidence LETTER', n.id));
    END IF;
  END IF;
END $$;
