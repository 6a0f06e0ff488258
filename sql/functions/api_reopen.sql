-- Closed or rejected, and yet it is not over: a new cycle with its own facts. Earlier closings stay in the history. Of an accepted
-- one it ends the acceptance, in the same cycle.
CREATE OR REPLACE FUNCTION api.reopen(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  reason_ text := capa.param_text(params, 'reason');
  base_ text := 'triaged';
BEGIN
  PERFORM capa.check_call('reopen', principal, params);
  PERFORM capa.fingerprints_lock(ARRAY[(capa.reference(coalesce(params ->> 'nc', params ->> 'ref'))).nc]);
  n := capa.begin_change('reopen', principal, params);
  IF n.state = 'accepted' THEN
    PERFORM capa.acceptance_end(n.id, 'reopen', 'the acceptance was ended early: ' || reason_);
    RETURN capa.finish(principal, actor, params, capa.result(n.id));
  END IF;
  IF n.state NOT IN ('closed', 'rejected') THEN
    PERFORM capa.fail('refused', CASE n.state WHEN 'merged' THEN format('NC-%s was merged into NC-%s: look there.', n.id, n.merged_into)
                                 ELSE format('NC-%s is not closed: it is %s.', n.id, n.state) END);
  END IF;
  PERFORM capa.fingerprint_free(n, format('NC-%s cannot be reopened', n.id));
  IF n.state = 'rejected' AND NOT (SELECT f.triage AND f.owner AND f.requirement AND f.statement FROM capa.fact f WHERE f.nc = n.id) THEN
    base_ := 'raised';
  END IF;
  PERFORM capa.new_cycle(n.id, 'reopen', base_, reason_);
  PERFORM capa.tell('nc.reopened', 'reopen', 'NC-' || n.id, n.id, jsonb_build_object('what', 'reopen',
    'sentence', 'reopened: ' || reason_, 'nc', capa.summary(n.id)));
  PERFORM capa.advance(n.id, 'reopen');
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
