-- What `show` says of the covered time behind an NC's event_silence criterion: {"from","to","covered_s","uncovered":[{"from","to","why"}],
-- "watched","sentence"}; null where none is asked for. watched: whether a rule says how often the source should
-- be heard, or a subscription carries it (capa.watched_by); as long as none does, silence is only the silence of what came, and serves a
-- person's verdict.
CREATE OR REPLACE FUNCTION capa.coverage_object(n capa.nc) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  asked record;
  since_ timestamptz := capa.last_done(n);
  w record;
  to_ timestamptz;
  gaps jsonb;
  covered interval;
  by_ text[];
BEGIN
  SELECT r.at, r.value INTO asked FROM capa.record r WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'criterion' AND r.retracted_at IS NULL
    ORDER BY r.id DESC LIMIT 1;
  IF asked.value ->> 'method' IS DISTINCT FROM 'event_silence' OR since_ IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT * INTO w FROM capa.window_covered(n, since_, asked.at,
    capa.add_span(since_, asked.value -> 'window', capa.policy_of(n.id) -> 'calendar'));
  to_ := least(w.ends, coalesce(n.closed_at, capa.now()));
  SELECT coalesce(jsonb_agg(jsonb_build_object('from', capa.rfc3339(u.from_at), 'to', capa.rfc3339(u.to_at), 'why', u.why) ORDER BY u.from_at), '[]')
    INTO gaps FROM capa.uncovered(n.rule, w.hash, since_, to_, n.id) u;
  covered := to_ - since_ - w.uncovered_;
  by_ := capa.watched_by(n);
  RETURN jsonb_build_object('from', capa.rfc3339(since_), 'to', capa.rfc3339(to_), 'covered_s', extract(epoch FROM covered)::bigint,
    'uncovered', gaps, 'watched', by_ <> '{}', 'window_ends', capa.rfc3339(w.ends),
    'sentence', format('covered %s%s; %s', capa.span_text(capa.span_of(covered)),
      CASE WHEN w.uncovered_ > '0' THEN format(', not covered %s (%s), by which the window ends later', capa.span_text(capa.span_of(w.uncovered_)),
        (SELECT string_agg(DISTINCT g ->> 'why', '; ') FROM jsonb_array_elements(gaps) g)) ELSE '' END,
      CASE WHEN by_ <> '{}' THEN 'source watched by ' || array_to_string(by_, ', ') ELSE 'source unwatched: nothing says how often it should speak' END));
END $$;
