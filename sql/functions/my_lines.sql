-- What waits for one person, one line each with the command that does it: decisions, own actions, own NCs, verdicts,
-- triage, acknowledgements; of NCs the 200 that are due next. rank orders the groups where nothing is due.
CREATE OR REPLACE FUNCTION capa.my_lines(principal jsonb, who text)
RETURNS TABLE (rank int, group_ text, ref text, title text, sentence text, command text, due timestamptz)
LANGUAGE sql STABLE AS $$
  WITH me AS MATERIALIZED (
    SELECT capa.names_of(who) AS names, capa.hidden_ncs(principal, who) AS hidden
  )
  SELECT 1, CASE q.kind WHEN 'short_closing' THEN 'confirmations' ELSE 'approvals' END, q.ref, coalesce(n.title, capa.request_title(q)), capa.request_sentence(q),
         capa.request_command(q), (SELECT d.due FROM capa.next_due d WHERE d.nc = q.nc)
  FROM capa.request q LEFT JOIN capa.nc n ON n.id = q.nc
  WHERE q.state = 'open' AND NOT coalesce(q.nc = ANY ((SELECT hidden FROM me)::int[]), false) AND (capa.decision_bar(q, principal, who)).why IS NULL
    AND principal -> 'roles' ?| (SELECT array_append(m.roles, 'system') FROM capa.method m
                                 WHERE m.name = CASE q.kind WHEN 'short_closing' THEN 'confirm' ELSE 'approve' END)
  UNION ALL
  SELECT 2, 'actions', 'CA-' || a.id, a.title, CASE WHEN a.state = 'waiting' THEN format('waited on %s until %s, for NC-%s',
           a.waiting_on, capa.rfc3339(a.waiting_until), a.nc) ELSE 'is yours to do, for NC-' || a.nc END,
         format('capactl action done CA-%s --evidence FILE', a.id), a.due
  FROM capa.action a JOIN capa.nc n ON n.id = a.nc AND n.cycle = a.cycle
  WHERE (a.state IN ('open', 'started') OR a.state = 'waiting' AND least(a.waiting_until, a.due) <= capa.now()) AND NOT capa.has_left(n.state)
    AND capa.name_key(a.owner) = ANY ((SELECT names FROM me)::text[])
  UNION ALL
  SELECT 2, 'follow_ups', 'FU-' || f.id, f.title, CASE p.outcome WHEN 'missed' THEN 'was missed: record it late' ELSE 'is yours to check' END,
         format('capactl follow-up record FU-%s ok TEXT --evidence FILE', f.id), p.due
  FROM capa.follow_up f JOIN capa.follow_up_period p ON p.follow_up = f.id
  WHERE f.state = 'running' AND p.from_at <= capa.now() AND capa.follow_up_asked(p) AND (f.kind = 'manual' OR p.outcome = 'missed')
    AND capa.name_key(f.owner) = ANY ((SELECT names FROM me)::text[])
  UNION ALL
  SELECT 3, 'verdicts', 'NC-' || n.id, n.title, 'can be judged now', format('capactl verify NC-%s effective TEXT', n.id), d.due
  FROM capa.nc n JOIN capa.fact f ON f.nc = n.id LEFT JOIN capa.next_due d ON d.nc = n.id
  WHERE n.state = 'verifying' AND NOT n.id = ANY ((SELECT hidden FROM me)::int[]) AND (f."window" AND f.no_fail AND f.passes AND NOT f.verdict OR n.grade = 'ofi')
    AND principal -> 'roles' ?| ARRAY['verifier', 'auditor', 'isms_manager', 'system']
    AND (n.grade = 'ofi' OR capa.barred(n.id, n.cycle, who) IS NULL)
  UNION ALL
  SELECT 4, 'own', 'NC-' || n.id, n.title, coalesce(s.step ->> 'sentence', 'is yours'), s.step ->> 'command', d.due
  FROM (SELECT x.id, x.title FROM capa.nc x LEFT JOIN capa.next_due y ON y.nc = x.id
        WHERE NOT capa.has_left(x.state) AND capa.name_key(x.owner) = ANY ((SELECT names FROM me)::text[])
        ORDER BY y.due, x.id LIMIT 200) n
  LEFT JOIN capa.next_due d ON d.nc = n.id
  CROSS JOIN LATERAL (SELECT capa.missing(n.id) -> 0 AS step OFFSET 0) s
  WHERE s.step ->> 'fact' NOT IN ('actions_ended', 'approval', 'window', 'passes', 'verdict', 'verdict_or_proof')
  UNION ALL
  SELECT 5, 'triage', 'NC-' || n.id, n.title, 'was raised: ' || coalesce(s.step ->> 'sentence', 'look at it'), s.step ->> 'command', d.due
  FROM (SELECT x.id, x.title FROM capa.nc x LEFT JOIN capa.next_due y ON y.nc = x.id
        WHERE x.state = 'raised' AND NOT coalesce(capa.name_key(x.owner) = ANY ((SELECT names FROM me)::text[]), false)
        ORDER BY y.due, x.id LIMIT 200) n
  LEFT JOIN capa.next_due d ON d.nc = n.id
  CROSS JOIN LATERAL (SELECT capa.missing(n.id) -> 0 AS step OFFSET 0) s
  WHERE principal -> 'roles' ?| ARRAY['isms_manager', 'system']
  UNION ALL
  SELECT 5, 'links', 'LINK', l.name, format('subscription %s has been down since %s: what it carries is not heard', l.name, capa.rfc3339(l.since)), 'capactl status', NULL
  FROM capa.link_now l WHERE NOT l.up AND EXISTS (SELECT FROM capa.link_told t WHERE t.name = l.name) AND principal -> 'roles' ?| ARRAY['isms_manager', 'admin', 'system']
  UNION ALL
  SELECT 6, 'escalations', 'ESC-' || e.id, CASE WHEN n.id = ANY ((SELECT hidden FROM me)::int[]) THEN 'restricted' ELSE n.title END, format('%s was escalated to you (%s), and waits for an acknowledgement', 'NC-' || e.nc, e.level),
         format('capactl ack ESC-%s', e.id), e.due
  FROM capa.unacked e JOIN capa.nc n ON n.id = e.nc
  WHERE EXISTS (SELECT FROM jsonb_array_elements(e.recipients) r WHERE capa.name_key(r ->> 'name') = ANY ((SELECT names FROM me)::text[]))
$$;
