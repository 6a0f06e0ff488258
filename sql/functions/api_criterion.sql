-- How effectiveness will be judged (10.2 d), fixed when the plan is made. The window is the policy's unless given; a shorter one is
-- shown as weak, with the reason; none is ever shortened once an action is done. auto: what the NC's own events propose
-- (capa.criterion_auto), with what was measured; with dry_run it is only shown.
CREATE OR REPLACE FUNCTION api.criterion(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('criterion', principal, params);
  auto_ boolean := coalesce(capa.param_bool(params, 'auto'), false);
  method_ text := capa.param_choice(params, 'method', ARRAY['event_silence', 'pass_count', 'manual']);
  text_ text := capa.param_text(params, 'text');
  passes_ int := capa.param_int(params, 'passes', 100000);
  given jsonb := capa.param_span(params, 'window');
  usual jsonb := nullif(capa.policy_of(n.id) -> 'durations' -> n.grade -> 'window', 'null');
  last_ jsonb;
  why_ text;
  weak_ boolean;
  sentence_ text;
  now_ timestamptz := capa.now(); -- two windows are compared from one moment
BEGIN
  IF auto_ = (method_ IS NOT NULL) THEN
    PERFORM capa.fail('invalid', 'criterion needs either a method or "auto".', NULL,
      'Methods: event_silence, pass_count (with passes), manual (with a text: sample, re-audit, metric).');
  ELSIF auto_ THEN
    SELECT p.method, coalesce(given, p.span), coalesce(passes_, p.passes), p.why INTO method_, given, passes_, why_
      FROM capa.criterion_auto(n) p;
  END IF;
  IF method_ = 'manual' AND text_ IS NULL THEN
    PERFORM capa.fail('invalid', 'A manual criterion needs a text that says what will be looked at: a sample, a re-audit, a metric.');
  ELSIF method_ <> 'manual' AND n.fingerprint IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s was raised by hand: no event can prove it. Its criterion is manual.', n.id),
      NULL, format('capactl criterion NC-%s --method manual --text TEXT', n.id));
  ELSIF method_ = 'pass_count' AND coalesce(passes_, 0) < 1 THEN
    PERFORM capa.fail('invalid', 'pass_count needs "passes": how many, at least 1.');
  ELSIF method_ <> 'pass_count' AND passes_ IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"passes" means nothing to %s.', method_));
  END IF;
  IF given IS NOT NULL AND capa.span_or_null(given) IS NULL THEN
    PERFORM capa.fail('invalid', 'A window of nothing proves nothing.', NULL, 'Leave it out for that of the policy.');
  ELSIF coalesce(given, usual) IS NULL THEN
    PERFORM capa.fail('invalid', format('The policy has no window for grade %s: give one.', n.grade), NULL,
      format('capactl criterion NC-%s --method %s --window 30d', n.id, method_));
  END IF;
  IF EXISTS (SELECT FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state = 'done') THEN
    SELECT r.value -> 'window' INTO last_ FROM capa.record r
      WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'criterion'
      ORDER BY now_ + capa.span_interval(r.value -> 'window') DESC LIMIT 1;
    IF now_ + capa.span_interval(coalesce(given, usual)) < now_ + capa.span_interval(last_) THEN
      PERFORM capa.fail('refused', format('The window of NC-%s cannot be shortened any more: an action is done.', n.id), NULL,
        'Take the window that was fixed, or a longer one.');
    END IF;
  END IF;
  weak_ := CASE WHEN given IS NOT NULL AND usual IS NOT NULL
                THEN now_ + capa.span_interval(given) < now_ + capa.span_interval(usual) END;
  PERFORM capa.record_put(n, 'criterion', jsonb_strip_nulls(jsonb_build_object('method', method_, 'window', coalesce(given, usual),
    'passes', passes_, 'text', text_, 'why', why_,
    'weak_why', CASE WHEN weak_ THEN format('the window, %s, is shorter than the policy''s, %s', capa.span_text(given), capa.span_text(usual)) END))
    || jsonb_build_object('weak', weak_), actor);
  sentence_ := format('%s%s%s over %s%s%s', coalesce(passes_ || ' × ', ''), replace(method_, '_', ' '), coalesce(': ' || text_, ''),
    capa.span_text(coalesce(given, usual)), CASE WHEN weak_ THEN format(', shorter than the policy''s %s', capa.span_text(usual)) ELSE '' END,
    coalesce(' (' || why_ || ')', ''));
  PERFORM capa.changed(n.id, 'nc.changed', 'criterion', 'NC-' || n.id, 'criterion: ' || sentence_);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object(
    'criterion', capa.record_of(n.id, n.cycle, 'criterion') || jsonb_build_object('sentence', sentence_),
    'warnings', CASE WHEN weak_ THEN jsonb_build_array(format('The window of %s is weak: shorter than the policy''s %s.', capa.span_text(given), capa.span_text(usual))) END)));
END $$;
