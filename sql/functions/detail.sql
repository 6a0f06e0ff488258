-- What a guard's sentence says beyond its words: {detail} and {action} of capa.guard, for one fact of one NC.
-- facts: its row of capa.fact.
CREATE OR REPLACE FUNCTION capa.detail(n capa.nc, facts jsonb, fact_ text, OUT action text, OUT detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  id_ int;
BEGIN
  CASE fact_
  WHEN 'triage' THEN
    detail := CASE WHEN n.rule IS NULL THEN 'it has no grade yet' ELSE format('its rule says %s', n.grade) END;
  WHEN 'correction_evidence' THEN
    SELECT max(a.id) INTO id_ FROM capa.action a
      WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind = 'correction' AND a.state = 'done';
  WHEN 'conclusion' THEN
    SELECT string_agg(h, ', ') INTO detail FROM jsonb_array_elements_text(
      capa.record_of(n.id, n.cycle, 'similar') -> 'hits') AS h;
  WHEN 'action_owner' THEN
    SELECT min(a.id) INTO id_ FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction'
      AND a.state <> 'cancelled' AND a.owner IS NULL;
  WHEN 'action_due' THEN
    SELECT min(a.id) INTO id_ FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction'
      AND a.state <> 'cancelled' AND a.due IS NULL;
  WHEN 'expected' THEN
    SELECT min(a.id) INTO id_ FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction'
      AND a.state <> 'cancelled' AND a.expected IS NULL;
  WHEN 'need_yes' THEN
    detail := (SELECT string_agg(m ->> 'sentence', '; ') FROM jsonb_array_elements(capa.missing_of(n, facts, 'closed', 'short')) m);
  WHEN 'approval' THEN
    detail := array_to_string(capa.plan_authors(n.id, n.cycle), ', ');
  WHEN 'actions_ended', 'nothing_open' THEN
    SELECT (array_agg(a.id ORDER BY a.due, a.id))[1], string_agg('CA-' || a.id, ', ' ORDER BY a.due, a.id)
    INTO id_, detail FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction'
      AND a.state IN ('open', 'started', 'waiting');
  WHEN 'action_evidence' THEN
    SELECT min(a.id) INTO id_ FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction'
      AND a.state = 'done' AND NOT EXISTS (SELECT FROM capa.evidence e WHERE e.nc = n.id AND e.action = a.id);
  WHEN 'window' THEN
    detail := capa.rfc3339((facts ->> 'window_end')::timestamptz)
      || CASE WHEN jsonb_array_length(capa.coverage_object(n) -> 'uncovered') > 0 THEN ', later by the time that was not covered' ELSE '' END;
  WHEN 'external_plan' THEN
    detail := CASE WHEN capa.record_of(n.id, n.cycle, 'external_plan') ->> 'plan' = capa.plan_hash(n.id)
      THEN format('%s refused this plan, which must be changed: %s', capa.issuer_of(n), capa.record_of(n.id, n.cycle, 'external_plan') ->> 'text')
      ELSE format('%s set a date for the plan and has not accepted it', capa.issuer_of(n)) END;
  WHEN 'external_closing', 'internal' THEN
    detail := capa.issuer_of(n);
  WHEN 'passes' THEN
    detail := format('%s of %s', capa.events_since(n.id, 'p', (facts ->> 'last_done')::timestamptz),
                     coalesce(capa.record_of(n.id, n.cycle, 'criterion') ->> 'passes', '1'));
  ELSE
    NULL;
  END CASE;
  action := 'CA-' || id_;
END $$;
