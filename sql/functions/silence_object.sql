-- A silence, as methods give it: state (planned, running, between two of its times, ended), its next or present time, what it has held back.
CREATE OR REPLACE FUNCTION capa.silence_object(s capa.silence) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('ref', 'SIL-' || s.id, 'rule', s.rule, 'asset', s.asset, 'source', s.source, 'label', s.label, 'grade', s.grade,
      'from', capa.rfc3339(s.from_at), 'until', capa.rfc3339(s.until), 'every', s.every, 'zone', s.zone, 'reason', s.reason, 'by', s.author,
      'ended_at', capa.rfc3339(s.ended_at), 'ended_by', s.ended_by, 'ended_why', s.ended_why,
      'next', (SELECT jsonb_build_object('from', capa.rfc3339(t.from_at), 'to', capa.rfc3339(t.to_at))
               FROM capa.silence_times(s, capa.now(), 'infinity'::timestamptz) t WHERE t.to_at > capa.now() ORDER BY 1 LIMIT 1)))
    || jsonb_build_object('publish_only', s.publish_only,
      'state', CASE WHEN s.ended_at IS NOT NULL OR s.until <= capa.now() THEN 'ended' WHEN capa.silence_applies(s, capa.now()) IS NOT NULL THEN 'running'
                    WHEN s.from_at > capa.now() THEN 'planned' ELSE 'between' END,
      'suppressed', (SELECT count(*) FROM capa.muted m WHERE m.silence = s.id))
$$;
