-- What a publisher sends next: the journal's rows after `after`, in order, with the body as it goes over the bus (of a
-- restricted NC the summary; once redacted the envelope without data). Without `after`, from the publisher's place.
CREATE OR REPLACE FUNCTION api.publish(name text, after bigint, "limit" int)
RETURNS TABLE (topic text, seq bigint, body text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
  SELECT j.topic, j.seq, coalesce(b.summary, b.body, capa.message_redacted(j))
  FROM capa.journal j LEFT JOIN capa.journal_body b ON b.seq = j.seq
  WHERE j.seq > coalesce($2, (SELECT p.seq FROM capa.publisher p WHERE p.name = $1), 0)
  ORDER BY j.seq LIMIT $3
$$;
