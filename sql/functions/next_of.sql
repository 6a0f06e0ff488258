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
    FROM jsonb_array_elements(capa.missing(nc_)) WITH ORDINALITY AS m(value, ord) WHERE m.value ->> 'fact' <> 'approval'
    UNION ALL
    SELECT 3, f.id, jsonb_build_object('sentence', format('%s %s: %s', f.title, CASE p.outcome WHEN 'missed' THEN 'was missed' ELSE 'is due' END, capa.rfc3339(p.due)),
                                       'command', format('capactl follow-up record FU-%s ok TEXT --evidence FILE', f.id))
    FROM capa.follow_up f JOIN capa.follow_up_period p ON p.follow_up = f.id
    WHERE f.nc = nc_ AND f.state = 'running' AND p.from_at <= capa.now() AND capa.follow_up_asked(p) AND (f.kind = 'manual' OR p.outcome = 'missed')) x
$$;
