-- An NC's evidence, as text of a JSON array: events as they were received, byte for byte, so nothing of them passes through
-- jsonb (SEMANTICS section 9). with_events_: whether they are given at all; about_: of one action alone.
CREATE OR REPLACE FUNCTION capa.evidence_json(nc_ int, about_ int, with_events_ boolean) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '[' || coalesce(string_agg(
    left(jsonb_strip_nulls(jsonb_build_object('ref', 'EV-' || e.id, 'kind', e.kind, 'name', e.name, 'role', e.role, 'cycle', e.cycle,
      'about', coalesce('CA-' || e.action, 'NC-' || e.nc), 'at', capa.rfc3339(e.at), 'author', e.author, 'sha256', e.sha256,
      'size', e.size, 'eventno', e.eventno, 'removed_at', capa.rfc3339(e.removed_at), 'removed_why', e.removed_why))::text, -1)
    || coalesce(',"redacted":' || p.redacted, '')
    || CASE WHEN with_events_ AND e.kind = 'event' AND e.removed_at IS NULL AND b.body IS NOT NULL
            THEN ',"event":' || capa.body_text(b.body) ELSE '' END || '}', ',' ORDER BY e.id), '') || ']'
  FROM capa.evidence e LEFT JOIN capa.evidence_body b ON b.sha256 = e.sha256
  LEFT JOIN capa.event_proof p ON e.kind = 'event' AND p.eventno = e.eventno
  WHERE e.nc = nc_ AND (about_ IS NULL OR e.action = about_)
$$;
