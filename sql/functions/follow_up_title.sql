-- What a follow-up is called if nobody says: what it does, of what, for how long.
CREATE OR REPLACE FUNCTION capa.follow_up_title(f capa.follow_up, n capa.nc) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE f.kind WHEN 'no_recurrence' THEN 'verify no recurrence of ' WHEN 'evidence' THEN 'a pass every ' || capa.span_text(f.every) || ' of '
                     ELSE 'check every ' || capa.span_text(f.every) || ' of ' END
    || coalesce('CA-' || f.action, 'NC-' || n.id)
    || CASE WHEN f.kind = 'no_recurrence' AND f.until IS NOT NULL THEN ' until ' || to_char(f.until AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE '' END
$$;
