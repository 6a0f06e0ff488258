-- What waits for a second person, oldest first: what the caller may decide, or with all everything.
CREATE OR REPLACE FUNCTION api.approvals(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  all_ boolean;
  may_ boolean;
  result json;
BEGIN
  PERFORM capa.check_call('approvals', principal, params);
  all_ := coalesce(capa.param_bool(params, 'all'), false);
  SELECT principal -> 'roles' ?| array_append(m.roles, 'system') INTO may_ FROM capa.method m WHERE m.name = 'approve';
  SELECT coalesce(json_agg(jsonb_build_object('ref', q.ref, 'what', q.kind, 'nc', 'NC-' || q.nc, 'title', n.title,
      'authors', q.authors, 'opened_at', capa.rfc3339(q.opened_at), 'reason', q.reason,
      'sentence', capa.request_sentence(q), 'command', capa.request_command(q),
      'may', may_ AND NOT capa.any_person(actor, q.authors)) ORDER BY q.id), '[]') INTO result
  FROM capa.request q JOIN capa.nc n ON n.id = q.nc
  WHERE q.state = 'open' AND (all_ OR (may_ AND NOT capa.any_person(actor, q.authors)));
  RETURN result;
END $$;
