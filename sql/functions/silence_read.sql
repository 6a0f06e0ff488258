-- The silence that the parameters of silence.add describe, checked, without a number. `for` counts from its beginning.
CREATE OR REPLACE FUNCTION capa.silence_read(params jsonb, who text) RETURNS capa.silence LANGUAGE plpgsql AS $$
DECLARE
  s capa.silence;
  calendar jsonb := capa.policy_default() -> 'calendar';
  longest jsonb;
BEGIN
  s.rule := capa.param_text(params, 'rule', 200);
  IF s.rule IS NOT NULL THEN
    s.rule := capa.rule_named(params);
  END IF;
  s.asset := capa.param_text(params, 'asset', 300);
  s.source := capa.param_text(params, 'source', 1024);
  s.label := capa.param_text(params, 'label', 330);
  s.grade := capa.param_choice(params, 'grade', capa.grades());
  s.publish_only := coalesce(capa.param_bool(params, 'publish_only'), false);
  s.reason := capa.param_text(params, 'reason');
  s.author := who;
  s.added_at := capa.now();
  s.from_at := coalesce(capa.param_moment(params, 'from', calendar), s.added_at);
  s.every := capa.param_text(params, 'every', 200);
  IF s.every IS NOT NULL THEN
    SELECT w.days, w.from_time, w.to_time, w.zone INTO s.days, s.from_time, s.to_time, s.zone FROM capa.silence_window(s.every, calendar ->> 'zone') w;
  END IF;
  s.until := CASE WHEN capa.param_span(params, 'for') IS NOT NULL THEN s.from_at + capa.span_interval(capa.param_span(params, 'for'))
                  ELSE capa.param_moment(params, 'until', calendar) END;
  longest := (SELECT value FROM capa.setting WHERE name = CASE WHEN s.every IS NULL THEN 'silence.longest' ELSE 'silence.longest_window' END);
  IF coalesce(s.rule, s.asset, s.source, s.label, s.grade) IS NULL THEN
    PERFORM capa.fail('invalid', 'A silence says what is to be silent: a rule, an asset, a source, a label or a grade.', NULL,
                      'capactl silence add --asset db01 --for 2h --reason TEXT');
  ELSIF s.label IS NOT NULL AND s.label !~ '^[[:alnum:]._-]{1,64}=.' THEN
    PERFORM capa.fail('invalid', format('"%s" is no label.', left(s.label, 80)), NULL, 'Labels look like site=berlin.');
  ELSIF s.until IS NULL THEN
    PERFORM capa.fail('invalid', 'A silence needs an end: "until" or "for".', NULL, format('It may last %s at most.', capa.span_text(longest)));
  ELSIF params ->> 'until' IS NOT NULL AND params ->> 'for' IS NOT NULL THEN
    PERFORM capa.fail('invalid', 'Either "until" or "for" says when it ends: not both.');
  ELSIF s.until <= greatest(s.from_at, s.added_at) THEN
    PERFORM capa.fail('invalid', 'It would end before it begins, or is over already.');
  ELSIF s.until > s.from_at + capa.span_interval(longest) THEN
    PERFORM capa.fail('refused', format('A silence lasts %s at most; this one would end %s.', capa.span_text(longest), capa.rfc3339(s.until)), NULL,
      CASE WHEN s.every IS NULL THEN 'A maintenance window that recurs may be kept for a year: --every "sun 02:00-04:00".' ELSE 'Make it anew then.' END);
  ELSIF s.from_at < s.added_at - interval '1 minute' THEN
    PERFORM capa.fail('invalid', 'A silence begins now or later: what was raised already stays.', NULL, 'capactl reject takes back what was no nonconformity.');
  END IF;
  RETURN s;
END $$;
