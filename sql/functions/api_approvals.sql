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
  SELECT coalesce(json_agg(jsonb_build_object('ref', q.ref, 'what', q.kind, 'nc', 'NC-' || q.nc, 'title', coalesce(n.title, capa.request_title(q)),
      'authors', q.authors, 'opened_at', capa.rfc3339(q.opened_at), 'reason', q.reason,
      'sentence', capa.request_sentence(q), 'command', capa.request_command(q),
      'may', may_ AND bar.why IS NULL)
    || CASE WHEN b.id IS NULL THEN '{}' ELSE jsonb_build_object('ncs', capa.batch_object(b) -> 'ncs') END ORDER BY q.id), '[]') INTO result
  FROM capa.request q LEFT JOIN capa.nc n ON n.id = q.nc LEFT JOIN capa.batch b ON b.id = q.batch CROSS JOIN LATERAL capa.decision_bar(q, principal, actor) bar
  WHERE q.state = 'open' AND NOT coalesce(q.nc = ANY (capa.hidden_ncs(principal, actor)), false) AND (all_ OR (may_ AND bar.why IS NULL));
  RETURN result;
END $$;
