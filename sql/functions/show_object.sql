-- All of an NC but its evidence (CONTRACT, "show --json"): facts of the current cycle at the top, of all cycles where they are lists.
CREATE OR REPLACE FUNCTION capa.show_object(nc_ int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT capa.summary(n.id) || jsonb_build_object(
    'issuer', n.issuer, 'blocked', capa.blocked_by(n),
    'obligations', capa.obligations_json(n.id), 'external_plan', capa.records_json(n.id, 'external_plan'),
    'external_closing', capa.records_json(n.id, 'external_closing'),
    'rule_hash', n.rule_hash, 'ruleset', n.ruleset, 'version', n.version, 'aware_at', capa.rfc3339(n.aware_at), 'raised_by', n.raised_by, 'external_ref', n.external_ref,
    'supplier', n.supplier, 'policy', jsonb_build_object('name', n.policy, 'version', n.policy_version),
    'closed_how', n.closed_how, 'closed_by', n.closed_by, 'left_why', n.left_why, 'merged_into', 'NC-' || n.merged_into,
    'suppressed_until', capa.rfc3339(n.suppressed_until), 'grade_decided', n.grade_decided,
    'statement', jsonb_build_object('requirement', coalesce(n.requirement, array_to_string(n.controls, ', ')), 'found', n.found,
                                    'evidence', n.evidence_text),
    'corrections', (SELECT coalesce(jsonb_agg(capa.action_object(a.id) ORDER BY a.id), '[]') FROM capa.action a
                    WHERE a.nc = n.id AND a.kind = 'correction'),
    'not_applicable', capa.record_of(n.id, n.cycle, 'not_applicable'),
    'consequences', capa.record_of(n.id, n.cycle, 'consequences') ->> 'text',
    'causes', capa.records_json(n.id, 'cause'),
    'similar', capa.similar_found(n.id, n.cycle),
    'elsewhere', capa.record_of(n.id, n.cycle, 'elsewhere') ->> 'text',
    'conclusion', capa.record_of(n.id, n.cycle, 'conclusion') ->> 'text',
    'need_for_action', (SELECT r.value || jsonb_build_object('by', r.author, 'at', capa.rfc3339(r.at)) FROM capa.record r
                        WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'need' AND r.retracted_at IS NULL
                        ORDER BY r.id DESC LIMIT 1),
    'actions', (SELECT coalesce(jsonb_agg(capa.action_object(a.id) ORDER BY a.id), '[]') FROM capa.action a
                WHERE a.nc = n.id AND a.kind <> 'correction'),
    'criterion', capa.record_of(n.id, n.cycle, 'criterion') || jsonb_strip_nulls(jsonb_build_object('covered', capa.coverage_object(n))),
    'window', jsonb_build_object('ends', capa.rfc3339(f.window_end), 'passed', f."window"),
    'approval', (SELECT jsonb_build_object('by', r.author, 'at', capa.rfc3339(r.at), 'in_force', f.approval) FROM capa.record r
                 WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'approval' AND r.retracted_at IS NULL
                 ORDER BY r.id DESC LIMIT 1),
    'verdicts', capa.records_json(n.id, 'verdict'),
    'isms_change', capa.record_of(n.id, n.cycle, 'isms') ->> 'ref',
    'risk_update', capa.record_of(n.id, n.cycle, 'risk') ->> 'ref',
    'notes', capa.records_json(n.id, 'note'),
    'follow_ups', (SELECT coalesce(jsonb_agg(capa.follow_up_object(u.id) ORDER BY u.id), '[]') FROM capa.follow_up u WHERE u.nc = n.id),
    'deadlines', (SELECT coalesce(jsonb_agg(capa.deadline_object(d) ORDER BY d.id), '[]') FROM capa.deadline d WHERE d.nc = n.id),
    'escalations', (SELECT coalesce(jsonb_agg(capa.escalation_object(e.id) || jsonb_strip_nulls(jsonb_build_object('state', e.state,
                      'acked_by', e.acked_by, 'acked_until', capa.rfc3339(e.acked_until))) ORDER BY e.id), '[]')
                    FROM capa.escalation e WHERE e.nc = n.id),
    'requests', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('what', q.kind, 'ref', q.ref, 'state', q.state,
                   'authors', q.authors, 'opened_at', capa.rfc3339(q.opened_at), 'reason', q.reason, 'decided_by', q.decided_by,
                   'decided_at', capa.rfc3339(q.decided_at), 'decision', q.decision,
                   'sentence', CASE q.state WHEN 'open' THEN capa.request_sentence(q) END,
                   'command', CASE q.state WHEN 'open' THEN capa.request_command(q) END)) ORDER BY q.id), '[]')
                 FROM capa.request q WHERE q.nc = n.id AND q.state <> 'void'),
    'cycles', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', c.no, 'began_at', capa.rfc3339(c.began_at),
                 'begun_by', c.begun_by, 'base', c.base, 'why', c.why, 'ended_at', capa.rfc3339(c.ended_at), 'ended_as', c.ended_as,
                 'ended_how', c.ended_how, 'ended_by', c.ended_by, 'short_barred', c.short_barred)) ORDER BY c.no)
               FROM capa.cycle c WHERE c.nc = n.id),
    'history', capa.log_lines(n.id, NULL, 0, NULL, 5000),
    'missing', capa.missing(n.id), 'next', capa.next_of(n.id))
    || capa.decisions_object(n)
    || jsonb_strip_nulls(jsonb_build_object('storm', capa.storm_object(n)))
    || jsonb_build_object('hold', CASE WHEN n.hold IS NOT NULL THEN jsonb_build_object('reason', n.hold, 'by', n.held_by) END)
  FROM capa.nc n JOIN capa.fact f ON f.nc = n.id WHERE n.id = nc_);
END $$;
