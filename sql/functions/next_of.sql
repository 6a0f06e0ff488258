-- What to do next with an NC, [{"sentence","command"}]: its open requests, what it lacks, what waits outside, how an acceptance ends. An empty list: nothing.
CREATE OR REPLACE FUNCTION capa.next_of(nc_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(x.step ORDER BY x.no, x.place), '[]') FROM (
    SELECT 1 AS no, q.id AS place, jsonb_build_object('sentence', capa.request_sentence(q), 'command', capa.request_command(q)) AS step
    FROM capa.request q WHERE q.nc = nc_ AND q.state = 'open'
    UNION ALL
    SELECT 3, w.ord, jsonb_build_object('sentence', format('%s is blocked: it waits on %s until %s', w.value ->> 'action', w.value ->> 'on',
      w.value ->> 'until'), 'command', format('capactl action start %s', w.value ->> 'action'))
    FROM capa.nc n, jsonb_array_elements(capa.blocked_by(n)) WITH ORDINALITY AS w(value, ord) WHERE n.id = nc_
    UNION ALL
    SELECT 4, 0, jsonb_build_object('sentence', format('accepted until %s: it comes back then, or earlier', capa.rfc3339(n.accepted_until)),
      'command', format('capactl reopen NC-%s --reason TEXT', n.id))
    FROM capa.nc n WHERE n.id = nc_ AND n.state = 'accepted'
    UNION ALL
    SELECT 2, m.ord, jsonb_strip_nulls(jsonb_build_object('sentence', m.value ->> 'sentence', 'command', m.value ->> 'command'))
    FROM jsonb_array_elements(capa.missing(nc_)) WITH ORDINALITY AS m(value, ord) WHERE m.value ->> 'fact' <> 'approval') x
$$;
