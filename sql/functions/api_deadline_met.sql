-- What somebody outside, or the law, asked for by a date has been given: the report was sent, the document handed over. The final
-- report of NIS2 is due a month after the notification was made.
CREATE OR REPLACE FUNCTION api.deadline_met(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('deadline.met', principal, params, actor);
  label_ text := lower(regexp_replace(capa.param_text(params, 'label', 64), '\s+', '_', 'g'));
  o capa.obligation := capa.obligation_running(n, label_);
  report capa.obligation;
  extra jsonb;
BEGIN
  IF o.id IS NULL OR n.state IN ('rejected', 'merged') THEN
    PERFORM capa.fail('refused', format('No obligation "%s" of NC-%s runs.', label_, n.id), NULL, coalesce(
      'Running: ' || (SELECT string_agg(x.label, ', ' ORDER BY x.due, x.id) FROM capa.obligation x
                      WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL) || '.',
      CASE WHEN capa.phase_rank(label_) IS NOT NULL THEN 'A phase is met by reaching it; capactl next tells what it lacks.' END,
      format('capactl deadline add NC-%s LABEL --due DATE makes one.', n.id)));
  END IF;
  o.met_at := capa.now();
  o.met_by := actor;
  PERFORM capa.put('obligation', to_jsonb(o));
  IF o.label = 'nis2_notification' THEN
    report := capa.obligation_running(n, 'nis2_final_report');
    IF report.id IS NOT NULL THEN
      report.due := capa.month_after(o.met_at, capa.policy_of(n.id) -> 'calendar' ->> 'zone');
      PERFORM capa.put('obligation', to_jsonb(report));
    END IF;
  END IF;
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, NULL, capa.record_put(n, 'obligation_met',
    jsonb_build_object('label', o.label, 'due', capa.rfc3339(o.due), 'text', capa.param_text(params, 'text')), actor)))
    || jsonb_build_object('obligations', capa.obligations_json(n.id));
  PERFORM capa.changed(n.id, 'deadline.met', 'deadline.met', 'NC-' || n.id,
    concat_ws(': ', o.label || ' met' || CASE WHEN o.met_at > o.due THEN ' late' ELSE '' END, capa.param_text(params, 'text')), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra));
END $$;
