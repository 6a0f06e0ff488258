-- An escalation as lists give it (SEMANTICS section 9): the data of its message plus state, who acknowledged it until
-- when, and whether its deadline still runs under that due date. Of the NCs in `hidden` without title and label.
CREATE OR REPLACE FUNCTION capa.escalation_item(e capa.escalation, hidden int[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN e.nc = ANY (hidden) THEN capa.escalation_object(e.id) #- '{deadline,label}' ELSE capa.escalation_object(e.id) END || jsonb_build_object(
    'title', CASE WHEN e.nc = ANY (hidden) THEN 'restricted' ELSE n.title END, 'grade', n.grade, 'state', e.state, 'covered_by', 'ESC-' || e.covered_by,
    'acked_by', e.acked_by, 'acked_at', capa.rfc3339(e.acked_at), 'acked_until', capa.rfc3339(e.acked_until),
    'running', d.met_at IS NULL AND d.void_at IS NULL AND d.due = e.due)
  FROM capa.nc n, capa.deadline d WHERE n.id = e.nc AND d.id = e.deadline
$$;
