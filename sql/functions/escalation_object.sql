-- The data of an escalation's message (CONTRACT), from its rows alone, so that message, replay and list agree.
CREATE OR REPLACE FUNCTION capa.escalation_object(id_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('escalation', 'ESC-' || e.id, 'nc', 'NC-' || e.nc, 'action', 'CA-' || e.action, 'follow_up', 'FU-' || e.follow_up,
           'deadline', jsonb_build_object('kind', d.kind, 'label', d.label, 'due', capa.rfc3339(e.due),
                                          'due_original', capa.rfc3339(d.due_original)),
           'level', e.level, 'step', e.step, 'n', e.n, 'planned_at', capa.rfc3339(e.planned_at),
           'published_at', capa.rfc3339(e.published_at), 'ack', CASE WHEN e.ack_span IS NOT NULL THEN true END))
         || jsonb_build_object('recipients', e.recipients, 'covered', coalesce((
              SELECT jsonb_agg(jsonb_build_object('escalation', 'ESC-' || c.id, 'level', c.level, 'step', c.step, 'n', c.n,
                                                  'planned_at', capa.rfc3339(c.planned_at)) ORDER BY c.step, c.n)
              FROM capa.escalation c WHERE c.nc = e.nc AND c.covered_by = e.id), '[]'))
  FROM capa.escalation e JOIN capa.deadline d ON d.id = e.deadline WHERE e.id = id_
$$;
