-- A deadline as show, messages and lists give it.
CREATE OR REPLACE FUNCTION capa.deadline_object(d capa.deadline) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('kind', d.kind, 'cycle', d.cycle, 'action', 'CA-' || d.action, 'follow_up', 'FU-' || d.follow_up, 'label', d.label,
    'started_at', capa.rfc3339(d.started_at), 'due', capa.rfc3339(d.due), 'due_original', capa.rfc3339(d.due_original),
    'state', CASE WHEN d.met_at IS NOT NULL THEN 'met' WHEN d.void_at IS NOT NULL THEN 'void' ELSE 'open' END,
    'met_at', capa.rfc3339(d.met_at), 'void_at', capa.rfc3339(d.void_at), 'late', d.late,
    'extensions', d.extensions, 'tightened', d.tightened, 'next_at', capa.rfc3339(d.next_at)))
$$;
