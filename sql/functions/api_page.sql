-- The caller's page: what capactl shows without a command. Every line carries the command that does it.
CREATE OR REPLACE FUNCTION api.page(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  lines jsonb;
  mine text[] := capa.names_of(actor);
  counts jsonb;
BEGIN
  PERFORM capa.check_call('page', principal, params);
  SELECT coalesce(jsonb_agg(jsonb_build_object('group', l.group_, 'ref', l.ref, 'title', l.title, 'sentence', l.sentence,
      'command', l.command, 'due', capa.rfc3339(l.due), 'overdue', coalesce(l.due < capa.now(), false)) ORDER BY l.due, l.rank, l.ref), '[]')
    INTO lines FROM capa.my_lines(principal, actor) l;
  SELECT jsonb_build_object('open', count(*), 'overdue', count(*) FILTER (WHERE d.overdue),
      'mine', count(*) FILTER (WHERE capa.name_key(n.owner) = ANY (mine)),
      'approvals', (SELECT count(*) FROM jsonb_array_elements(lines) l WHERE l ->> 'group' = 'approvals'),
      'confirmations', (SELECT count(*) FROM jsonb_array_elements(lines) l WHERE l ->> 'group' = 'confirmations'),
      'unacked', (SELECT count(*) FROM jsonb_array_elements(lines) l WHERE l ->> 'group' = 'escalations'))
    INTO counts FROM capa.nc n LEFT JOIN capa.next_due d ON d.nc = n.id WHERE NOT capa.has_left(n.state);
  RETURN json_build_object('actor', actor, 'names', mine, 'lines', lines, 'counts', counts);
END $$;
