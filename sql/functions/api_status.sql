-- The register's part of `status --json` (CONTRACT): what is open, what is overdue, which rules, who was heard and when, the
-- journal's head, and what became of the events. The daemon adds what only it knows.
CREATE OR REPLACE FUNCTION api.status(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  PERFORM capa.check_call('status', principal, params);
  RETURN json_build_object(
    'epoch', (SELECT max(no)::text FROM capa.epoch),
    'open', (SELECT jsonb_object_agg(g.grade, (SELECT count(*) FROM capa.nc n
               WHERE n.grade = g.grade AND NOT capa.has_left(n.state)))
             FROM unnest(capa.grades()) AS g(grade)),
    'overdue', (SELECT count(*) FROM capa.next_due d WHERE d.overdue),
    'waivers', (SELECT count(*) FROM capa.record r WHERE r.fact = 'waiver'),
    'rules', capa.rules_loaded(),
    'policy', (SELECT jsonb_build_object('version', l.version, 'sha256', l.sha256, 'at', capa.rfc3339(l.at))
               FROM capa.loaded l WHERE l.kind = 'policy' ORDER BY l.version DESC LIMIT 1),
    'settings', capa.settings_status(),
    'people', capa.people_status(),
    'held', (SELECT coalesce(jsonb_agg(capa.hold_object(h) ORDER BY h.id), '[]') FROM capa.rule_hold h WHERE h.ended_at IS NULL),
    'silences', (SELECT coalesce(jsonb_agg(capa.silence_object(s) ORDER BY s.id), '[]') FROM capa.silence s WHERE s.ended_at IS NULL AND s.until > capa.now()),
    'consumers', capa.consumers(),
    'coverage', capa.expectation_coverage(),
    'ingest', (SELECT jsonb_object_agg(s.status, coalesce(t.n, 0))
               FROM unnest(ARRAY['stored', 'duplicate', 'ignored', 'invalid', 'conflict', 'forbidden', 'too_big', 'cut']) AS s(status)
               LEFT JOIN (SELECT h.status, sum(h.n) AS n FROM capa.heard h GROUP BY h.status) t USING (status)),
    'sources', capa.sources(200),
    'journal', capa.journal_head(),
    'sealed', (SELECT jsonb_build_object('last', last, 'at', capa.rfc3339(at)) FROM capa.seal ORDER BY id DESC LIMIT 1));
END $$;
