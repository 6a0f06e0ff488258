-- How a result names the request it made: {"request":{"kind","ref","sentence","command"}}.
CREATE OR REPLACE FUNCTION capa.request_result(id_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('request', jsonb_build_object('kind', q.kind, 'ref', q.ref, 'sentence', capa.request_sentence(q),
                                                          'command', capa.request_command(q)))
  FROM capa.request q WHERE q.id = id_
$$;
