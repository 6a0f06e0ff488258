-- A hold on a rule, as methods give it: suppressed is what it has held back so far.
CREATE OR REPLACE FUNCTION capa.hold_object(h capa.rule_hold) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('rule', h.rule, 'reason', h.reason, 'by', h.author, 'since', capa.rfc3339(h.at),
    'until', capa.rfc3339(h.until), 'ended_at', capa.rfc3339(h.ended_at), 'ended_by', h.ended_by, 'ended_why', h.ended_why))
    || jsonb_build_object('suppressed', (SELECT count(*) FROM capa.muted m WHERE m.rule = h.rule AND m.rule_hold = h.id))
$$;
