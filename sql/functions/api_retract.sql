-- A mistake is taken back, with a reason; the record stays readable. The NC moves back to where the other facts put it.
CREATE OR REPLACE FUNCTION api.retract(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('retract', principal, params);
  fact_ text := capa.param_choice(params, 'fact', ARRAY['correction', 'consequences', 'not_applicable', 'cause', 'similar', 'elsewhere',
    'conclusion', 'need', 'criterion', 'approval', 'verdict', 'isms', 'risk', 'deadline_met', 'done']);
  reason_ text := capa.param_text(params, 'reason');
  no_ int := capa.param_int(params, 'no');
  action_ int := (capa.reference(params ->> 'ref')).action;
  a capa.action;
  id_ bigint;
  now_ timestamptz := capa.now();
  before_ jsonb; -- the window, before and after
  after_ jsonb;
  ref_ text := 'NC-' || n.id;
BEGIN
  IF fact_ IN ('correction', 'done') THEN
    SELECT * INTO a FROM capa.action x WHERE x.nc = n.id AND x.cycle = n.cycle AND x.state = 'done'
      AND (action_ IS NULL OR x.id = action_) AND (fact_ = 'done') = (x.kind <> 'correction') ORDER BY x.id DESC LIMIT 1;
    IF a.id IS NOT NULL AND fact_ = 'done' AND action_ IS NULL THEN
      PERFORM capa.fail('invalid', 'Say which action is not done.', NULL, format('capactl retract CA-%s done --reason TEXT', a.id));
    ELSIF a.id IS NOT NULL THEN
      ref_ := 'CA-' || a.id;
      a.state := CASE fact_ WHEN 'done' THEN 'open' ELSE 'cancelled' END;
      a.reason := CASE fact_ WHEN 'done' THEN NULL ELSE reason_ END;
      a.done_at := NULL;
      a.done_by := NULL;
      a.result := NULL;
      PERFORM capa.put('action', to_jsonb(a));
    END IF;
  ELSIF fact_ = 'deadline_met' THEN
    id_ := capa.obligation_unmet(n, capa.param_text(params, 'label', 64));
    PERFORM capa.record_retract(id_, actor, reason_) WHERE id_ IS NOT NULL;
  ELSE
    SELECT r.id INTO id_ FROM capa.record r WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = fact_ AND r.retracted_at IS NULL
      AND (no_ IS NULL OR r.no = no_) ORDER BY r.id DESC LIMIT 1;
    IF id_ IS NOT NULL THEN
      before_ := capa.record_of(n.id, n.cycle, 'criterion') -> 'window';
      PERFORM capa.record_retract(id_, actor, reason_);
      after_ := capa.record_of(n.id, n.cycle, 'criterion') -> 'window';
      IF fact_ = 'criterion' AND now_ + capa.span_interval(after_) < now_ + capa.span_interval(before_) AND EXISTS (
           SELECT FROM capa.action x WHERE x.nc = n.id AND x.cycle = n.cycle AND x.kind <> 'correction' AND x.state = 'done') THEN
        PERFORM capa.fail('refused', format('Without this criterion the one before it would count, and the window of NC-%s cannot be '
          'shortened any more: an action is done.', n.id), NULL, format('capactl criterion NC-%s records what is meant.', n.id));
      END IF;
    END IF;
  END IF;
  IF a.id IS NULL AND id_ IS NULL THEN
    PERFORM capa.fail('refused', format('%s has no %s in this cycle that could be retracted.', coalesce('CA-' || action_, ref_), fact_),
      NULL, format('capactl show NC-%s shows what is recorded.', n.id));
  END IF;
  PERFORM capa.changed(n.id, CASE WHEN a.id IS NULL THEN 'nc.changed' ELSE 'action.changed' END, 'retract', ref_,
    format('%s retracted: %s', replace(fact_, '_', ' '), reason_),
    CASE WHEN a.id IS NULL THEN '{}' ELSE jsonb_build_object('action', capa.action_object(a.id)) END);
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
