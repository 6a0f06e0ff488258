-- Begins a follow-up (PRODUCT): a check of an NC, or of one of its actions, that goes on in periods and outlives closing and
-- cycles. Its end is a date or a count of periods, or it is standing. The first period begins now. What events shall prove needs a rule.
CREATE OR REPLACE FUNCTION api.follow_up_add(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('follow_up.add', principal, params);
  about record := capa.reference(params ->> 'ref');
  calendar jsonb := capa.policy_of(n.id) -> 'calendar';
  f capa.follow_up;
  p capa.follow_up_period;
  warning text;
BEGIN
  IF about.follow_up IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('FU-%s is a follow-up itself: a new one is of an NC or an action.', about.follow_up));
  END IF;
  f.nc := n.id;
  f.action := about.action;
  f.kind := capa.param_choice(params, 'kind', ARRAY['no_recurrence', 'evidence', 'manual']);
  f.every := capa.span_or_null(capa.param_span(params, 'every'));
  f.owner := coalesce(capa.param_name(params, 'owner', actor), n.owner);
  f.author := actor;
  f.added_at := capa.now();
  f.state := 'running';
  IF f.every IS NULL THEN
    PERFORM capa.fail('invalid', 'A period of nothing never ends.', NULL, 'Say how often: --every 1mo');
  ELSIF f.kind <> 'manual' AND n.fingerprint IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s was raised by hand: no event can prove it. Its follow-ups are manual.', n.id), NULL,
      format('capactl follow-up add %s --kind manual --every %s', params ->> 'ref', capa.span_text(f.every)));
  ELSIF f.owner IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s has no owner, so the follow-up needs one of its own.', n.id), NULL,
      format('capactl follow-up add %s --kind %s --every %s --owner NAME', params ->> 'ref', f.kind, capa.span_text(f.every)));
  END IF;
  warning := capa.owner_check(f.owner);
  SELECT c.periods, c.until INTO f.periods, f.until FROM capa.follow_up_count(f, params, calendar) c;
  f.id := nextval('capa.follow_up_no');
  f.title := coalesce(capa.param_text(params, 'title', 1024), capa.follow_up_title(f, n));
  PERFORM capa.put('follow_up', to_jsonb(f));
  p.follow_up := f.id;
  p.no := 1;
  p.from_at := f.added_at;
  p.due := capa.follow_up_date(f, 1, f.added_at, calendar);
  PERFORM capa.put('follow_up_period', to_jsonb(p));
  PERFORM capa.changed(n.id, 'follow_up.added', 'follow_up.add', 'FU-' || f.id, format('follow-up by %s: %s, every %s%s', f.owner, f.title,
    capa.span_text(f.every), CASE WHEN f.periods IS NULL THEN ', standing' ELSE format(', %s times', f.periods) END),
    jsonb_build_object('follow_up', capa.follow_up_object(f.id)));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('follow_up', 'FU-' || f.id, 'due', capa.rfc3339(p.due),
    'warnings', capa.warnings(warning))));
END $$;
