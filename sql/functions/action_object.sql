-- An action as show and messages give it.
CREATE OR REPLACE FUNCTION capa.action_object(id_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('ref', 'CA-' || a.id, 'nc', 'NC-' || a.nc, 'cycle', a.cycle, 'kind', a.kind, 'title', a.title,
    'owner', a.owner, 'state', a.state, 'cause', a.cause, 'expected', a.expected,
    'due_original', capa.rfc3339(a.due_original), 'due', capa.rfc3339(a.due),
    'overdue', coalesce(a.due < coalesce(a.done_at, capa.now()) AND a.state <> 'cancelled', false),
    'author', a.author, 'added_at', capa.rfc3339(a.added_at), 'added_late', a.added_late,
    'replaces', 'CA-' || a.replaces, 'done_at', capa.rfc3339(a.done_at), 'done_by', a.done_by,
    'result', a.result, 'reason', a.reason,
    'waiting', CASE WHEN a.state = 'waiting' THEN jsonb_build_object('on', a.waiting_on, 'until', capa.rfc3339(a.waiting_until)) END,
    'evidence', (SELECT coalesce(jsonb_agg('EV-' || e.id ORDER BY e.id), '[]') FROM capa.evidence e
                 WHERE e.nc = a.nc AND e.action = a.id))
  FROM capa.action a WHERE a.id = id_
$$;
