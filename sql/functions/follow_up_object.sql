-- A follow-up as show, list and messages give it. periods[]: the newest 60, oldest first.
CREATE OR REPLACE FUNCTION capa.follow_up_object(id_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('ref', 'FU-' || f.id, 'nc', 'NC-' || f.nc, 'action', 'CA-' || f.action, 'kind', f.kind, 'title', f.title,
    'owner', f.owner, 'every', capa.span_text(f.every), 'until', capa.rfc3339(f.until), 'count', f.periods, 'standing', f.periods IS NULL,
    'author', f.author, 'added_at', capa.rfc3339(f.added_at), 'state', f.state, 'ended_at', capa.rfc3339(f.ended_at), 'ended_by', f.ended_by,
    'reason', f.reason, 'due', capa.rfc3339(w.due), 'overdue', coalesce(w.due < capa.now(), false),
    'ok', t.ok, 'failed', t.failed, 'missed', t.missed,
    'periods', coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', p.no, 'from', capa.rfc3339(p.from_at), 'due', capa.rfc3339(p.due),
        'outcome', p.outcome, 'at', capa.rfc3339(p.decided_at), 'by', p.decided_by, 'text', p.text, 'event', p.eventno)) ORDER BY p.no)
      FROM (SELECT * FROM capa.follow_up_period x WHERE x.follow_up = f.id ORDER BY x.no DESC LIMIT 60) p), '[]'))
  FROM capa.follow_up f
  CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE p.outcome = 'ok') AS ok, count(*) FILTER (WHERE p.outcome = 'failed') AS failed,
      count(*) FILTER (WHERE p.outcome = 'missed') AS missed FROM capa.follow_up_period p WHERE p.follow_up = f.id) t
  LEFT JOIN LATERAL (SELECT p.due FROM capa.follow_up_period p WHERE p.follow_up = f.id AND f.state = 'running'
      AND capa.follow_up_asked(p) ORDER BY p.no LIMIT 1) w ON true
  WHERE f.id = id_
$$;
