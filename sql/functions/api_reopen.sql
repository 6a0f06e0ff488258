-- Closed or rejected, and yet it is not over: a new cycle with its own facts. Earlier closings stay in the history.
CREATE OR REPLACE FUNCTION api.reopen(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('reopen', principal, params);
  reason_ text := capa.param_text(params, 'reason');
  base_ text := 'triaged';
  other int;
BEGIN
  IF n.state NOT IN ('closed', 'rejected') THEN
    PERFORM capa.fail('refused', CASE n.state WHEN 'merged' THEN format('NC-%s was merged into NC-%s: look there.', n.id, n.merged_into)
                                 ELSE format('NC-%s is not closed: it is %s.', n.id, n.state) END);
  END IF;
  SELECT o.id INTO other FROM capa.nc o WHERE o.fingerprint = n.fingerprint AND o.id <> n.id
    AND o.state NOT IN ('closed', 'rejected', 'merged');
  IF other IS NOT NULL THEN
    PERFORM capa.fail('refused', format('The same failure is open as NC-%s already.', other), NULL,
      format('Work on NC-%s; capactl note NC-%s can refer to this one.', other, other));
  END IF;
  IF n.state = 'rejected' AND NOT (SELECT f.triage AND f.owner AND f.requirement AND f.statement FROM capa.fact f WHERE f.nc = n.id) THEN
    base_ := 'raised';
  END IF;
  PERFORM capa.new_cycle(n.id, 'reopen', base_, reason_);
  PERFORM capa.tell('nc.reopened', 'reopen', 'NC-' || n.id, n.id, jsonb_build_object('what', 'reopen',
    'sentence', 'reopened: ' || reason_, 'nc', capa.summary(n.id)));
  PERFORM capa.advance(n.id, 'reopen');
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
