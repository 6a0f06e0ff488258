-- What a person found in a period of a follow-up. Meant is the newest period that was missed and that no later one has made good,
-- else the one that runs now; before a period has begun there is nothing to find. What events prove is not said by hand
-- alone: ok of `evidence` needs evidence, and no_recurrence is ok only by covered time, unless a missed period is made good with
-- evidence. Failed can be said of any.
CREATE OR REPLACE FUNCTION api.follow_up_record(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  f capa.follow_up;
  p capa.follow_up_period;
  result_ text := capa.param_choice(params, 'result', ARRAY['ok', 'failed']);
  text_ text := capa.param_text(params, 'text');
  extra jsonb;
BEGIN
  PERFORM capa.check_call('follow_up.record', principal, params);
  PERFORM capa.fingerprints_lock(ARRAY[(capa.reference(params ->> 'ref')).nc]); -- one that failed may reopen its NC
  n := capa.begin_change('follow_up.record', principal, params);
  f := capa.follow_up_named(params, 'record');
  SELECT x.* INTO p FROM capa.follow_up_period x WHERE x.follow_up = f.id AND capa.follow_up_asked(x) AND x.from_at <= capa.now()
    ORDER BY x.outcome NULLS LAST, x.no DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT x.* INTO p FROM capa.follow_up_period x WHERE x.follow_up = f.id AND x.outcome IS NULL;
    PERFORM capa.fail('refused', format('The period of FU-%s that was due last is recorded; the next one begins %s.', f.id, capa.rfc3339(p.from_at)), NULL,
      format('capactl follow-up list FU-%s shows what was recorded.', f.id));
  ELSIF result_ = 'ok' AND f.kind = 'no_recurrence' AND p.outcome IS NULL THEN
    PERFORM capa.fail('refused', format('FU-%s proves by itself that nothing recurred; its period ends %s.', f.id, capa.rfc3339(p.due)), NULL,
      format('If it failed all the same: capactl follow-up record FU-%s failed TEXT', f.id));
  ELSIF result_ = 'ok' AND f.kind <> 'manual' AND coalesce(jsonb_array_length(nullif(params -> 'evidence', 'null')), 0) = 0 THEN
    PERFORM capa.fail('refused', format('FU-%s is proved by events; said by a person it needs evidence.', f.id), NULL,
      format('capactl follow-up record FU-%s ok TEXT --evidence FILE', f.id));
  END IF;
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, f.action));
  PERFORM capa.follow_up_decide(f, p, result_, actor, text_, 'follow_up.record', true);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra || jsonb_build_object('follow_up', 'FU-' || f.id, 'period', p.no,
    'outcome', result_)));
END $$;
