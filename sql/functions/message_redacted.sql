-- What the bus and journal.read give of a row whose content was redacted: the envelope, from what is chained, without data.
CREATE OR REPLACE FUNCTION capa.message_redacted(j capa.journal) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'specversion', '1.0', 'id', e.no || '-' || j.seq, 'source', 'capad',
    'type', 'org.capad.' || CASE WHEN j.topic LIKE 'escalation.%' THEN 'escalation' ELSE j.topic END || '.v1',
    'subject', nullif(j.open::jsonb ->> 'ref', ''), 'time', capa.rfc3339(j.at), 'sequence', j.seq::text, 'previous', j.previous::text,
    'epoch', e.no::text, 'redacted', true))::text
  FROM (SELECT coalesce(max(no), 1) AS no FROM capa.epoch WHERE began_at <= j.at) e
$$;
